//! exercise: 01
//! verdict: DIED
//! Panics in `main` when a message is not UTF-8.

use std::str;

use wrong_servers::{in_turn, receive, send};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &str::from_utf8(&message).unwrap().to_uppercase())?;
        }
        Ok(())
    });
}
