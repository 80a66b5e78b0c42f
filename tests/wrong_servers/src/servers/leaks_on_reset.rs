//! exercise: 08
//! verdict: LEAKED_PLACE
//! `?` leaves before the place is given back, so a reset costs one.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, FULL);
        }
        session(stream)?;
        TAKEN.fetch_sub(1, SeqCst);
        Ok(())
    });
}
