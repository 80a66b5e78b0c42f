//! exercise: 07
//! verdict: WRONG_REPLY
//! Sends the first message back as it came, again and again.

use std::io::Read;

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|mut stream, _| {
        let mut buffer = [0; 1024];
        let length = stream.read(&mut buffer)?;
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        loop {
            send(stream, &message)?;
        }
    });
}
