//! exercise: 05
//! verdict: WRONG_REPLY
//! Replies once for each `read`, however many lines it returns.

use wrong_servers::{in_threads, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            if message.trim_ascii_end() == b"--quit--" {
                break;
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
