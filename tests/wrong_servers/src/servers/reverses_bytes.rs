//! exercise: 07
//! verdict: WRONG_REPLY
//! Reverses bytes, not letters: `ß` becomes rubbish.

use std::io::Write;

use wrong_servers::{in_threads, print_record, receive};

pub fn main() {
    in_threads(|mut stream, _| {
        while let Some(mut message) = receive(stream)? {
            print_record(&String::from_utf8_lossy(&message));
            message.reverse();
            stream.write_all(&message)?;
        }
        Ok(())
    });
}
