//! exercise: 01
//! verdict: WRONG_REPLY
//! Cuts the spaces and the newline off before it answers.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, upper(&message).trim())?;
        }
        Ok(())
    });
}
