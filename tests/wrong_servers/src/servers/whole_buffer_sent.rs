//! exercise: 01
//! verdict: WRONG_REPLY
//! Sends the whole buffer instead of what was read.

use std::io::{Read, Write};

use wrong_servers::in_turn;

pub fn main() {
    in_turn(|mut stream, _| {
        loop {
            let mut buffer = [0; 1024];
            if stream.read(&mut buffer)? == 0 {
                return Ok(());
            }
            stream.write_all(String::from_utf8_lossy(&buffer).to_uppercase().as_bytes())?;
        }
    });
}
