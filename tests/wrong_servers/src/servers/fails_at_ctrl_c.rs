//! exercise: 08
//! verdict: NO_CLEAN_EXIT; windows PASS
//! Ends at Ctrl-C with exit status 1.

use std::process;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    ctrlc::set_handler(|| process::exit(1)).unwrap();
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        session(stream)
    });
}
