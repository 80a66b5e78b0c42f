//! exercise: 01
//! verdict: INCOMPLETE_REPLY
//! Sends half of each reply.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &upper(&message[..message.len() / 2]))?;
        }
        Ok(())
    });
}
