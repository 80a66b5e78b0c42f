//! exercise: 03
//! verdict: SERIAL
//! Starts a thread for each client, and waits for its end before it accepts the next.

use std::thread;

use wrong_servers::{listen, next_client, play, report};

pub fn main() {
    let listener = listen();
    for number in 1.. {
        let (stream, peer) = next_client(&listener);
        let handler = thread::spawn(move || report(peer, play(&stream, peer, number)));
        let _ = handler.join();
    }
}
