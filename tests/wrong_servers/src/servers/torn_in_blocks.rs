//! exercise: 07
//! verdict: TORN_RECORD; macos PASS; windows PASS
//! Has no lock for a record, and prints in blocks of 4096 bytes, as C and other languages do where no terminal reads.

use std::io::{BufWriter, Stdout, Write, stdout};
use std::sync::{LazyLock, Mutex};

use wrong_servers::{in_threads, name, receive, reversed, send};

static CONSOLE: LazyLock<Mutex<BufWriter<Stdout>>> =
    LazyLock::new(|| Mutex::new(BufWriter::with_capacity(4096, stdout())));

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            print(&format!("{}:", name()));
            let text = String::from_utf8_lossy(&message);
            assert!(!text.contains("PANIC"), "a bug in mid-record");
            print(&format!("  {}", text.escape_debug()));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}

fn print(line: &str) {
    let _ = writeln!(CONSOLE.lock().unwrap(), "{line}");
}
