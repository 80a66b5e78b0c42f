//! exercise: 05
//! verdict: WRONG_REPLY
//! Ends the conversation after too many bytes without a newline, but answers a complete line of any length.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut pending = Vec::new();
        while let Some(bytes) = receive(stream)? {
            pending.extend(bytes);
            while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = pending.drain(..=end).collect();
                if is_quit(&line) {
                    return Ok(());
                }
                send(stream, "-")?;
            }
            if pending.len() > 40_000 {
                return Ok(());
            }
        }
        Ok(())
    });
}
