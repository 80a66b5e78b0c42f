//! exercise: 07
//! verdict: POISONED
//! Hangs up on every client once the lock is poisoned.

use std::sync::Mutex;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            let Ok(guard) = CONSOLE.lock() else { break };
            print_record(&String::from_utf8_lossy(&message));
            drop(guard);
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
