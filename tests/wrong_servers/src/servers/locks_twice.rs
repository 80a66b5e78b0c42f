//! exercise: 07
//! verdict: SELF_DEADLOCK; macos NEVER_ANSWERED; windows NEVER_ANSWERED
//! Locks in the function that prints a record, and again where it is called.

use std::sync::{Mutex, MutexGuard, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            let _guard = lock();
            print_locked(&String::from_utf8_lossy(&message));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}

fn lock() -> MutexGuard<'static, ()> {
    CONSOLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn print_locked(text: &str) {
    let _guard = lock();
    print_record(text);
}
