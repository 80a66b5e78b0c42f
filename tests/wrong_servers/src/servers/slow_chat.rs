//! exercise: 04
//! verdict: PASS
//! Right, and takes 150 ms before it shows a message and before it sends an answer.

use std::thread;
use std::time::Duration;

use wrong_servers::{chat, in_threads, turn};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            thread::sleep(Duration::from_millis(150));
            let answer = turn(peer, message);
            thread::sleep(Duration::from_millis(150));
            answer
        })
    });
}
