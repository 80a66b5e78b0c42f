//! exercise: 05
//! verdict: WRONG_REPLY
//! Splits what each `read` returns into lines, and forgets what stands behind the last one.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(chunk) = receive(stream)? {
            for line in chunk.split_inclusive(|byte| *byte == b'\n') {
                if is_quit(line) && line.ends_with(b"\n") {
                    return Ok(());
                }
                if line.ends_with(b"\n") {
                    send(stream, "-")?;
                }
            }
        }
        Ok(())
    });
}
