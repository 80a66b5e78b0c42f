//! exercise: 05
//! verdict: WRONG_REPLY
//! Splits what each `read` returns into lines, and takes the unfinished rest for one.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(chunk) = receive(stream)? {
            for line in String::from_utf8_lossy(&chunk).lines() {
                if is_quit(line.as_bytes()) {
                    return Ok(());
                }
                send(stream, "-")?;
            }
        }
        Ok(())
    });
}
