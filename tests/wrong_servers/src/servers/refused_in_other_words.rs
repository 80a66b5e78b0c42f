//! exercise: 08
//! verdict: WRONG_REPLY
//! Tells the client that finds no place so in other words.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else {
            return send(stream, "Sorry, we are full.\n");
        };
        session(stream)
    });
}
