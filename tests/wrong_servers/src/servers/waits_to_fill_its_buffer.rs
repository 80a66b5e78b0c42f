//! exercise: 01
//! verdict: INCOMPLETE_REPLY
//! Reads with `read_exact`, 16 bytes at a time.

use std::io::Read;

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    in_turn(|mut stream, _| {
        let mut buffer = [0; 16];
        loop {
            stream.read_exact(&mut buffer)?;
            send(stream, &upper(&buffer))?;
        }
    });
}
