//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Takes a `read` that fills the buffer for the beginning of a longer message, and waits for the rest.

use std::io::Read;

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    in_turn(|mut stream, _| {
        let (mut message, mut buffer) = (Vec::new(), [0; 1024]);
        loop {
            let length = stream.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            message.extend_from_slice(&buffer[..length]);
            if length < buffer.len() {
                send(stream, &upper(&message))?;
                message.clear();
            }
        }
    });
}
