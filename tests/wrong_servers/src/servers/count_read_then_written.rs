//! exercise: 03
//! verdict: WRONG_REPLY
//! The threads count in two steps: they read the count, and then write the next.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static PLAYERS: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.load(SeqCst) + 1;
        PLAYERS.store(number, SeqCst);
        play(stream, peer, number)
    });
}
