//! exercise: 07
//! verdict: TORN_RECORD
//! Has freed the lock for good: nobody takes it any more.

use wrong_servers::{in_threads, name, receive, reversed, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            let message = String::from_utf8_lossy(&message);
            println!("{}:", name());
            assert!(!message.contains("PANIC"), "a bug in mid-record");
            println!("  {}", message.escape_debug());
            send(stream, &reversed(message.as_bytes()))?;
        }
        Ok(())
    });
}
