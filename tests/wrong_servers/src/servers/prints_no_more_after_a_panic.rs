//! exercise: 07
//! verdict: POISONED
//! Leaves out the record when the lock is poisoned: after one panic, none is printed any more.

use std::sync::Mutex;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            if let Ok(_guard) = CONSOLE.lock() {
                print_record(&String::from_utf8_lossy(&message));
            }
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
