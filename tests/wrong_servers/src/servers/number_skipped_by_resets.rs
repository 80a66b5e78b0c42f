//! exercise: 03
//! verdict: WRONG_REPLY
//! Does not count a client that resets its connection, so that its number is used twice.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static PLAYERS: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let played = play(stream, peer, number);
        if played.is_err() {
            PLAYERS.fetch_sub(1, SeqCst);
        }
        played
    });
}
