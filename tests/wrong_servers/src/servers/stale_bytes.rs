//! exercise: 01
//! verdict: WRONG_REPLY
//! Behind a short message stands what is left in the buffer of a longer one.

use std::io::Read;

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    let mut buffer = [0; 1024];
    let mut longest = 0;
    in_turn(move |mut stream, _| {
        loop {
            let length = stream.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            longest = longest.max(length);
            send(stream, &upper(&buffer[..longest]))?;
        }
    });
}
