//! exercise: 07
//! verdict: PASS
//! Right, and prints long records of many lines under its lock.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, name, print_record, receive, reversed, send};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            let reply = reversed(&message);
            {
                let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
                print_record(&String::from_utf8_lossy(&message));
                for letter in reply.chars().take(40) {
                    println!("{}: then {letter:?}", name());
                }
            }
            send(stream, &reply)?;
        }
        Ok(())
    });
}
