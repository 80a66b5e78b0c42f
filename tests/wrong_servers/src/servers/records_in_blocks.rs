//! exercise: 07
//! verdict: PASS
//! Right, and prints in blocks of 4096 bytes, as C and other languages do where no terminal reads.

use std::io::{BufWriter, Stdout, Write, stdout};
use std::sync::{LazyLock, Mutex, PoisonError};

use wrong_servers::{in_threads, name, receive, reversed, send};

static CONSOLE: LazyLock<Mutex<BufWriter<Stdout>>> =
    LazyLock::new(|| Mutex::new(BufWriter::with_capacity(4096, stdout())));

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            {
                let mut console = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
                writeln!(console, "{}:", name())?;
                let message = String::from_utf8_lossy(&message);
                assert!(!message.contains("PANIC"), "a bug in mid-record");
                writeln!(console, "  {}", message.escape_debug())?;
            }
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
