//! exercise: 01
//! verdict: CLOSED_EARLY
//! Closes after the second reply.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        for _ in 0..2 {
            let Some(message) = receive(stream)? else { break };
            send(stream, &upper(&message))?;
        }
        Ok(())
    });
}
