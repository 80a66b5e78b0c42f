//! exercise: 05
//! verdict: LOCK_HELD
//! Keeps the lines of all clients under one lock, and reads while it holds it.

use std::io::{BufRead, BufReader, Read};
use std::sync::Mutex;

use wrong_servers::{in_threads, is_quit, send};

static LINE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

pub fn main() {
    in_threads(|stream, _| {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = LINE.lock().unwrap();
            line.clear();
            reader.by_ref().take(5120).read_until(b'\n', &mut line)?;
            if !line.ends_with(b"\n") || is_quit(&line) {
                return Ok(());
            }
            send(stream, "-")?;
        }
    });
}
