//! exercise: 05
//! verdict: WRONG_REPLY
//! Compares the line with its carriage return, so that telnet cannot quit.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || line == b"--quit--\n" {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
