//! exercise: 04
//! verdict: NOT_SHOWN
//! Asks the operator for an answer, and does not show what the client said.

use wrong_servers::{ask, chat, in_threads};

pub fn main() {
    in_threads(|stream, peer| chat(stream, peer, ask));
}
