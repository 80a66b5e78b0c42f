//! exercise: 08
//! verdict: CLOSED_EARLY
//! Closes the connection of the client that finds no place, and tells it nothing.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{Place, in_threads, option, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return Ok(()) };
        session(stream)
    });
}
