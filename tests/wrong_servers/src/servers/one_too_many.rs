//! exercise: 08
//! verdict: NOT_REFUSED
//! Lets one client more in than there are places.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max + 1) else { return send(stream, FULL) };
        session(stream)
    });
}
