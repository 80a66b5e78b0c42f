//! exercise: 03
//! verdict: WRONG_REPLY
//! Counts a player when it has answered.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static ANSWERS: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        play(stream, peer, ANSWERS.load(SeqCst) + 1)?;
        ANSWERS.fetch_add(1, SeqCst);
        Ok(())
    });
}
