//! exercise: 05
//! verdict: PASS
//! Right, and takes 150 ms for each reply.

use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::Duration;

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            thread::sleep(Duration::from_millis(150));
            if !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
