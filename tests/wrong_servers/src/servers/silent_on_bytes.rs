//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Answers messages that are text, and says nothing to others.

use wrong_servers::{in_turn, receive, send};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            if let Ok(text) = std::str::from_utf8(&message) {
                send(stream, &text.to_uppercase())?;
            }
        }
        Ok(())
    });
}
