//! exercise: 05
//! verdict: WRONG_REPLY
//! Splits what each `read` returns at newlines, and takes the empty part behind the last one for a line.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(chunk) = receive(stream)? {
            for line in chunk.split(|byte| *byte == b'\n') {
                if is_quit(line) {
                    return Ok(());
                }
                send(stream, "-")?;
            }
        }
        Ok(())
    });
}
