//! exercise: 08
//! verdict: NOT_REFUSED
//! Tells the next client that the house is full, and then serves it all the same.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            send(stream, FULL)?;
        }
        let ended = session(stream);
        TAKEN.fetch_sub(1, SeqCst);
        ended
    });
}
