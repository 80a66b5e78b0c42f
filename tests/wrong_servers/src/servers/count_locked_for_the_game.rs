//! exercise: 03
//! verdict: LOCK_HELD
//! Holds the lock of the count until the player has answered.

use std::sync::Mutex;

use wrong_servers::{in_threads, play};

static PLAYERS: Mutex<u32> = Mutex::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        let mut players = PLAYERS.lock().unwrap();
        *players += 1;
        play(stream, peer, *players)
    });
}
