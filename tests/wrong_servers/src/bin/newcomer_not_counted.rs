//! exercise: 03
//! verdict: WRONG_REPLY
//! Counts those who were online before this one.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{in_threads, play};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);
static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let online = ONLINE.fetch_add(1, SeqCst);
        let played = play(stream, peer, number, online);
        ONLINE.fetch_sub(1, SeqCst);
        played
    });
}
