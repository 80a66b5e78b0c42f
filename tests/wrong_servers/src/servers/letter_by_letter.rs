//! exercise: 01
//! verdict: PASS
//! Right, and sends each reply in many small writes.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            for letter in upper(&message).chars() {
                send(stream, letter.encode_utf8(&mut [0; 4]))?;
            }
        }
        Ok(())
    });
}
