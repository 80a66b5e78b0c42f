//! exercise: 01
//! verdict: CLOSED_EARLY
//! Takes a message that is only a newline for the end of the conversation.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream)? {
            if message.trim_ascii().is_empty() {
                break;
            }
            send(stream, &upper(&message))?;
        }
        Ok(())
    });
}
