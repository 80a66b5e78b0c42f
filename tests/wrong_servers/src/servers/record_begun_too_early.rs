//! exercise: 07
//! verdict: TORN_RECORD
//! Prints the head of a record before it waits for the message: others print in between.

use wrong_servers::{in_threads, name, receive, reversed, send};

pub fn main() {
    in_threads(|stream, _| {
        loop {
            println!("{}:", name());
            let Some(message) = receive(stream)? else { break };
            let message = String::from_utf8_lossy(&message);
            assert!(!message.contains("PANIC"), "a bug in mid-record");
            println!("  {}", message.escape_debug());
            send(stream, &reversed(message.as_bytes()))?;
        }
        Ok(())
    });
}
