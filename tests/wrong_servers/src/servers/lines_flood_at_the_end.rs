//! exercise: 05
//! verdict: SPINS
//! Takes the end of input for an empty line, and replies to it for ever.

use std::io::{BufRead, BufReader, Read};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
