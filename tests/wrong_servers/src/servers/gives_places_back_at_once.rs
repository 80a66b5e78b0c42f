//! exercise: 08
//! verdict: NOT_REFUSED
//! Binds the guard with `let _ =`, which drops it at once.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        let _ = { place };
        session(stream)
    });
}
