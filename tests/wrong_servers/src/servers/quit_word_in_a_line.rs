//! exercise: 05
//! verdict: CLOSED_EARLY
//! Finds the quit word anywhere in a line.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || String::from_utf8_lossy(&line).contains("--quit--") {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
