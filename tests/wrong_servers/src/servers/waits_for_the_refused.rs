//! exercise: 08
//! verdict: NOT_REFUSED
//! Reads a message of the client that finds no place before it tells it so; all others wait meanwhile.

use std::sync::atomic::AtomicUsize;
use std::thread;

use wrong_servers::{FULL, Place, listen, next_client, option, receive, report, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        let Some(place) = Place::take(&TAKEN, max) else {
            report(peer, receive(&stream).and_then(|_| send(&stream, FULL)));
            continue;
        };
        thread::spawn(move || {
            let _place = place;
            report(peer, session(&stream));
        });
    }
}
