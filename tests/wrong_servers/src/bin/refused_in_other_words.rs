//! exercise: 05
//! verdict: WRONG_REPLY
//! Tells the client that finds no place so in other words.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, "Sorry, we are full.\n");
        }
        let ended = session(stream);
        TAKEN.fetch_sub(1, SeqCst);
        ended
    });
}
