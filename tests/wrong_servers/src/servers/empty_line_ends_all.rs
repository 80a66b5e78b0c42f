//! exercise: 05
//! verdict: CLOSED_EARLY
//! Takes an empty line for the end of input.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if line.trim_ascii_end().is_empty() || !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
