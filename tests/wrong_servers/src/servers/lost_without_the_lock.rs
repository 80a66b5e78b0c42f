//! exercise: 07
//! verdict: TORN_RECORD
//! Prints the record of a client that was lost without the lock, and all others with it.

use std::io::Result;
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, name, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        locked(&format!("Connected to {peer}"));
        if let Err(error) = converse(stream) {
            print(&format!("{peer} was lost: {error}"));
        }
        locked("Bye");
        Ok(())
    });
}

fn converse(stream: &TcpStream) -> Result<()> {
    while let Some(message) = receive(stream)? {
        locked(&String::from_utf8_lossy(&message));
        send(stream, &reversed(&message))?;
    }
    Ok(())
}

fn locked(text: &str) {
    let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
    print(text);
}

fn print(text: &str) {
    println!("{}:", name());
    assert!(!text.contains("PANIC"), "a bug in mid-record");
    println!("  {}", text.escape_debug());
}
