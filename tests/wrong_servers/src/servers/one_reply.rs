//! exercise: 01
//! verdict: CLOSED_EARLY
//! Closes after the first reply.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| match receive(stream)? {
        Some(message) => send(stream, &upper(&message)),
        None => Ok(()),
    });
}
