//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Accepts and reads, and never answers.

use wrong_servers::{in_turn, receive};

pub fn main() {
    in_turn(|stream, _| {
        while receive(stream)?.is_some() {}
        Ok(())
    });
}
