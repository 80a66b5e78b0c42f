//! exercise: 07
//! verdict: POISONED
//! Unwraps the lock, so that one panic in a record costs every later client its handler.

use std::sync::Mutex;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            {
                let _guard = CONSOLE.lock().unwrap();
                print_record(&String::from_utf8_lossy(&message));
            }
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
