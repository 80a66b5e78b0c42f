//! exercise: 08
//! verdict: NO_CLEAN_EXIT; macos PASS; windows PASS
//! Does nothing about Ctrl-C, so that the signal ends it wherever it stands.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        session(stream)
    });
}
