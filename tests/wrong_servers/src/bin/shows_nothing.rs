//! exercise: 04
//! verdict: NOT_SHOWN
//! Asks the operator for an answer and does not say to what.

use wrong_servers::{ask, chat, in_threads};

fn main() {
    in_threads(|stream, peer| chat(stream, peer, ask));
}
