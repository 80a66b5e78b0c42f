//! exercise: 01
//! verdict: PASS
//! Right: it changes the letters of ASCII only, as `toupper` does in C.

use wrong_servers::{in_turn, receive, send};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            send(stream, &String::from_utf8_lossy(&message).to_ascii_uppercase())?;
        }
        Ok(())
    });
}
