//! exercise: 03
//! verdict: WRONG_REPLY
//! Takes the number of those who are connected for the number of the player.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static ONLINE: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        let number = ONLINE.fetch_add(1, SeqCst) + 1;
        let played = play(stream, peer, number);
        ONLINE.fetch_sub(1, SeqCst);
        played
    });
}
