//! exercise: 07
//! verdict: LOCK_HELD; macos PASS; windows PASS
//! Writes the reply while it holds the lock: a client that does not read makes all others wait.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
            print_record(&String::from_utf8_lossy(&message));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
