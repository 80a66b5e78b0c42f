//! exercise: 06
//! verdict: LOCK_HELD; macos PASS; windows PASS
//! Holds the lock of standard output for a turn: the loop that accepts reports a client and waits for the operator.

use std::io;

use wrong_servers::{chat, in_threads, turn};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            let _guard = io::stdout().lock();
            turn(peer, message)
        })
    });
}
