//! exercise: 08
//! verdict: NOT_REFUSED
//! Stops accepting while all places are taken, so that the next client waits in the backlog.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use wrong_servers::{listen, next_client, option, report, session};

pub fn main() {
    let max = option("--max", 100);
    let places = Arc::new((Mutex::new(0), Condvar::new()));
    let listener = listen();
    loop {
        let taken = places.0.lock().unwrap();
        *places.1.wait_while(taken, |taken| *taken >= max).unwrap() += 1;
        let (stream, peer) = next_client(&listener);
        let places = Arc::clone(&places);
        thread::spawn(move || {
            report(peer, session(&stream));
            *places.0.lock().unwrap() -= 1;
            places.1.notify_one();
        });
    }
}
