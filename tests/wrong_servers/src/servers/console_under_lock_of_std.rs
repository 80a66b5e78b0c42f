//! exercise: 07
//! verdict: PASS
//! Right: holds the lock of standard output for each record instead of one of its own.

use std::io::{self, Write};

use wrong_servers::{in_threads, name, receive, reversed, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            {
                let mut console = io::stdout().lock();
                writeln!(console, "{}:", name())?;
                let message = String::from_utf8_lossy(&message);
                assert!(!message.contains("PANIC"), "a bug in mid-record");
                writeln!(console, "  {}", message.escape_debug())?;
            }
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
