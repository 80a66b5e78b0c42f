//! exercise: 08
//! verdict: LEAKED_PLACE
//! Counts everybody who ever came: no place is given back.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            return send(stream, FULL);
        }
        session(stream)
    });
}
