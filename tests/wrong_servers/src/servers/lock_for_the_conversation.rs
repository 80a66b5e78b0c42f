//! exercise: 07
//! verdict: LOCK_HELD
//! Takes the lock after `accept` and releases it at the end.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
        print_record(&format!("Connected to: {peer}"));
        while let Some(message) = receive(stream)? {
            print_record(&String::from_utf8_lossy(&message));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
