//! exercise: 01
//! verdict: WRONG_REPLY
//! Reads 64 bytes at a time, and cuts a letter in two.

use std::io::Read;

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    in_turn(|mut stream, _| {
        let mut buffer = [0; 64];
        loop {
            let length = stream.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            send(stream, &upper(&buffer[..length]))?;
        }
    });
}
