//! exercise: 01
//! verdict: CLOSED_EARLY
//! Waits half a second for the next message, and then closes.

use std::time::Duration;

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        while let Some(message) = receive(stream)? {
            send(stream, &upper(&message))?;
        }
        Ok(())
    });
}
