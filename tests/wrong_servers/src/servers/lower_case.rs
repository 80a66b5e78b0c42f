//! exercise: 01
//! verdict: WRONG_REPLY
//! Sends each message back as it came.

use wrong_servers::{in_turn, receive, send};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &String::from_utf8_lossy(&message))?;
        }
        Ok(())
    });
}
