//! exercise: 05
//! verdict: WRONG_REPLY
//! Keeps what it has read until there is a newline, and then takes all of it for lines.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut kept = Vec::new();
        while let Some(chunk) = receive(stream)? {
            kept.extend(chunk);
            if kept.contains(&b'\n') {
                for line in kept.split_inclusive(|byte| *byte == b'\n') {
                    if is_quit(line) {
                        return Ok(());
                    }
                    send(stream, "-")?;
                }
                kept.clear();
            }
        }
        Ok(())
    });
}
