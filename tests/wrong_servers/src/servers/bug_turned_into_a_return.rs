//! exercise: 07
//! verdict: NO_PANIC
//! Returns where the bug was: half a record is printed, and no handler panics.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, name, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            print(&String::from_utf8_lossy(&message).escape_debug().to_string());
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}

fn print(text: &str) {
    let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{}:", name());
    if text.contains("PANIC") {
        return;
    }
    println!("  {text}");
}
