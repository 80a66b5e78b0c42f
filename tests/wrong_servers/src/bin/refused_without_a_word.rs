//! exercise: 05
//! verdict: CLOSED_EARLY
//! Closes the connection of the client that finds no place, and tells it nothing.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{in_threads, option, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return Ok(());
        }
        let ended = session(stream);
        TAKEN.fetch_sub(1, SeqCst);
        ended
    });
}
