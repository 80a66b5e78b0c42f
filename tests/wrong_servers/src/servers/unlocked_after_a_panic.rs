//! exercise: 07
//! verdict: TORN_RECORD
//! Goes on without a lock once it is poisoned: `lock().ok()`.

use std::sync::Mutex;

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
    let _guard = CONSOLE.lock().ok();
    println!("{}:", name());
    assert!(!text.contains("PANIC"), "a bug in mid-record");
    println!("  {text}");
}
