//! exercise: 05
//! verdict: CLOSED_EARLY
//! Cuts the blanks off both ends of a line, and compares it with the quit word.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || line.trim_ascii() == b"--quit--" {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
