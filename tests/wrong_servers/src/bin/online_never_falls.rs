//! exercise: 03
//! verdict: LEAKED_PLACE
//! Counts players up and never down.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        play(stream, peer, number, number)
    });
}
