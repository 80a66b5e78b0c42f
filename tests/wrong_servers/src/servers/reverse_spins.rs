//! exercise: 07
//! verdict: SPINS; macos PASS; windows PASS
//! Does not look for the end of input: the thread of a client that left never ends.

use std::io::Read;

use wrong_servers::{in_threads, print_record, reversed, send};

pub fn main() {
    in_threads(|mut stream, _| {
        let mut buffer = [0; 1024];
        loop {
            let length = stream.read(&mut buffer)?;
            if length > 0 {
                print_record(&String::from_utf8_lossy(&buffer[..length]));
                send(stream, &reversed(&buffer[..length]))?;
            }
        }
    });
}
