//! exercise: 05
//! verdict: WRONG_REPLY
//! Replies for each line of a chunk, and compares the whole chunk with the quit word.

use wrong_servers::{in_threads, is_quit, receive, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(chunk) = receive(stream)? {
            if is_quit(&chunk) {
                break;
            }
            let lines = chunk.iter().filter(|byte| **byte == b'\n').count();
            send(stream, &"-".repeat(lines))?;
        }
        Ok(())
    });
}
