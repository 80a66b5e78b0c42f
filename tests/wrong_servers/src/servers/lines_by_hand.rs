//! exercise: 05
//! verdict: PASS
//! Right: keeps what it has read in a vector, and takes one line after the other out of it.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut kept = Vec::new();
        while let Some(chunk) = receive(stream)? {
            kept.extend(chunk);
            while let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = kept.drain(..=end).collect();
                if is_quit(&line) {
                    return Ok(());
                }
                send(stream, "-")?;
            }
            if kept.len() >= 5120 {
                break;
            }
        }
        Ok(())
    });
}
