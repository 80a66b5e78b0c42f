//! exercise: 05
//! verdict: PASS
//! Right: reads one byte after the other, until there is a newline.

use std::io::Read;

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|mut stream, _| {
        let mut line = Vec::new();
        let mut byte = [0];
        while stream.read(&mut byte)? == 1 && line.len() < 5120 {
            line.push(byte[0]);
            if byte[0] == b'\n' {
                if is_quit(&line) {
                    break;
                }
                send(stream, "-")?;
                line.clear();
            }
        }
        Ok(())
    });
}
