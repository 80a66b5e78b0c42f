//! exercise: 04
//! verdict: SERIAL
//! Starts a thread for each chat, and waits for its end before it accepts the next.

use std::thread;

use wrong_servers::{chat, listen, next_client, report, turn};

pub fn main() {
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        let handler = thread::spawn(move || report(peer, chat(&stream, peer, turn)));
        let _ = handler.join();
    }
}
