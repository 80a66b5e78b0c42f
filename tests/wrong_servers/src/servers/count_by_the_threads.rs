//! exercise: 03
//! verdict: PASS
//! Right: each thread counts its player itself, in one step.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static PLAYERS: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| play(stream, peer, PLAYERS.fetch_add(1, SeqCst) + 1));
}
