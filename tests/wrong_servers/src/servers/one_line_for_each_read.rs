//! exercise: 05
//! verdict: WRONG_REPLY
//! Keeps what it has read, and looks for one newline after each `read`.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut kept = Vec::new();
        while let Some(chunk) = receive(stream)? {
            kept.extend(chunk);
            if let Some(end) = kept.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = kept.drain(..=end).collect();
                if is_quit(&line) {
                    break;
                }
                send(stream, "-")?;
            }
        }
        Ok(())
    });
}
