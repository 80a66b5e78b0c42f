//! exercise: 06
//! verdict: MIXED_UP
//! Has no lock: messages come between a message and its prompt.

use wrong_servers::{chat, in_threads, turn};

pub fn main() {
    in_threads(|stream, peer| chat(stream, peer, turn));
}
