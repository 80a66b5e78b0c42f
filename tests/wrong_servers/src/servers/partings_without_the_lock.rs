//! exercise: 07
//! verdict: TORN_RECORD
//! Takes the lock for the records of messages, and for no others: that a client has come or left is printed without it.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, name, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        print(&format!("Connected to {peer}"));
        while let Some(message) = receive(stream)? {
            {
                let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
                print(&String::from_utf8_lossy(&message));
            }
            send(stream, &reversed(&message))?;
        }
        print("Bye");
        Ok(())
    });
}

fn print(text: &str) {
    println!("{}:", name());
    assert!(!text.contains("PANIC"), "a bug in mid-record");
    println!("  {}", text.escape_debug());
}
