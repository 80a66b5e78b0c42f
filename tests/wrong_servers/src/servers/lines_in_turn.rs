//! exercise: 05
//! verdict: SERIAL
//! Reads lines as it should, one client after the other.

use wrong_servers::{in_turn, line_session};

pub fn main() {
    in_turn(|stream, _| line_session(stream));
}
