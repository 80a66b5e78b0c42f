//! exercise: 08
//! verdict: LEAKED_PLACE
//! Keeps the places in a list of `main`, so that none is dropped before the end.

use std::sync::atomic::AtomicUsize;
use std::thread;

use wrong_servers::{FULL, Place, listen, next_client, option, report, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    let listener = listen();
    let mut places = Vec::new();
    loop {
        let (stream, peer) = next_client(&listener);
        match Place::take(&TAKEN, max) {
            None => report(peer, send(&stream, FULL)),
            Some(place) => {
                places.push(place);
                thread::spawn(move || report(peer, session(&stream)));
            }
        }
    }
}
