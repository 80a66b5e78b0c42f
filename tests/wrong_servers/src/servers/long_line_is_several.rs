//! exercise: 05
//! verdict: WRONG_REPLY
//! Takes the first 5120 bytes of a longer line for a line.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            let length = reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if length < 5120 && !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
