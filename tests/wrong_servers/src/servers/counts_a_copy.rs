//! exercise: 03
//! verdict: WRONG_REPLY
//! Counts inside the `move` closure: each thread counts its own copy.

use std::thread;

use wrong_servers::{listen, next_client, play, report};

#[allow(unused_assignments, reason = "the compiler sees the mistake")]
pub fn main() {
    let listener = listen();
    let mut players = 0;
    loop {
        let (stream, peer) = next_client(&listener);
        thread::spawn(move || {
            players += 1;
            report(peer, play(&stream, peer, players));
        });
    }
}
