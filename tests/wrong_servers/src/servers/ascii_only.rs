//! exercise: 01
//! verdict: WRONG_REPLY
//! Knows the letters of ASCII and no others: `ß` stays as it is.

use wrong_servers::{in_turn, receive, send};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &String::from_utf8_lossy(&message).to_ascii_uppercase())?;
        }
        Ok(())
    });
}
