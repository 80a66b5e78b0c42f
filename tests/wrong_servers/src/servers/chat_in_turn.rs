//! exercise: 04
//! verdict: SERIAL
//! Chats with one client after the other.

use wrong_servers::{chat, in_turn, turn};

pub fn main() {
    in_turn(|stream, peer| chat(stream, peer, turn));
}
