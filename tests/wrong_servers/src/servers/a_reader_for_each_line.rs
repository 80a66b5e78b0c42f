//! exercise: 05
//! verdict: INCOMPLETE_REPLY
//! Makes a new `BufReader` for each line: what the old one had read is lost.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        loop {
            let mut line = Vec::new();
            BufReader::new(stream).take(5120).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
