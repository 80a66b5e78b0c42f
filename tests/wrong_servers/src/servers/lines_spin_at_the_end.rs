//! exercise: 05
//! verdict: SPINS; macos NOT_CLOSED; windows NOT_CLOSED
//! Does not look for the end of input: `read_until` returns 0 again and again.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if line.len() == 5120 && !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            if line.ends_with(b"\n") {
                send(stream, "-")?;
            }
        }
    });
}
