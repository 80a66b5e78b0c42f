//! exercise: 03
//! verdict: WRONG_REPLY
//! Counts a client when it is accepted and again when it is served.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_numbered_threads, play};

static SERVED: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        play(stream, peer, number + SERVED.fetch_add(1, SeqCst))
    });
}
