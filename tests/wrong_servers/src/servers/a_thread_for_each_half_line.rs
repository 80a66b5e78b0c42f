//! exercise: 11
//! verdict: PASS
//! A thread for each client does it too, at the price of a thread.

use std::io::{BufRead, BufReader, Read, Write};

use wrong_servers::{in_threads, polled::answer};

pub fn main() {
    in_threads(|mut stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") {
                return Ok(());
            }
            stream.write_all(&answer(&line))?;
        }
    });
}
