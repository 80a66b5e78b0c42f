//! exercise: 05
//! verdict: NEVER_ANSWERED
//! Waits until its buffer is full.

use std::io::Read;

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|mut stream, _| {
        let mut buffer = [0; 5120];
        loop {
            stream.read_exact(&mut buffer)?;
            for _ in buffer.iter().filter(|byte| **byte == b'\n') {
                send(stream, "-")?;
            }
        }
    });
}
