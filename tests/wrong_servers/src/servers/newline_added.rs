//! exercise: 01
//! verdict: WRONG_REPLY
//! Ends each reply with a newline, which the protocol does not have.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &(upper(&message) + "\n"))?;
        }
        Ok(())
    });
}
