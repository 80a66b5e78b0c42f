//! exercise: 05
//! verdict: CLOSED_EARLY
//! Sets the limit of 5120 bytes once, for the whole conversation.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream.take(5120));
        loop {
            let mut line = Vec::new();
            reader.read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
