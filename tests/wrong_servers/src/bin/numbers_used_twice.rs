//! exercise: 03
//! verdict: WRONG_REPLY
//! Takes the number of those online for the number of the player.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, peer| {
        let online = ONLINE.fetch_add(1, SeqCst) + 1;
        let played = play(stream, peer, online, online);
        ONLINE.fetch_sub(1, SeqCst);
        played
    });
}
