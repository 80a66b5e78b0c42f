//! exercise: 07
//! verdict: PASS
//! Right: catches the panic of a record, and goes on with the conversation.

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
    let _ = std::panic::catch_unwind(|| {
        let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
        println!("{}:", name());
        assert!(!text.contains("PANIC"), "a bug in mid-record");
        println!("  {text}");
    });
}
