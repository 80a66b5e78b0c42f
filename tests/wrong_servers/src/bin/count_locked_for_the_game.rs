//! exercise: 03
//! verdict: LOCK_HELD
//! Holds the lock of the count until the player has answered.

use std::sync::Mutex;

use wrong_servers::{in_threads, play};

static PLAYERS: Mutex<(usize, usize)> = Mutex::new((0, 0));

fn main() {
    in_threads(|stream, peer| {
        let mut players = PLAYERS.lock().unwrap();
        players.0 += 1;
        players.1 += 1;
        let played = play(stream, peer, players.0, players.1);
        players.1 -= 1;
        played
    });
}
