//! exercise: 01
//! verdict: SPINS; macos NEVER_ANSWERED; windows NEVER_ANSWERED
//! Does not look for the end of input: its loop never ends once a client has left.

use std::io::Read;

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    in_turn(|mut stream, _| {
        let mut buffer = [0; 1024];
        loop {
            let length = stream.read(&mut buffer)?;
            if length > 0 {
                send(stream, &upper(&buffer[..length]))?;
            }
        }
    });
}
