//! exercise: 01
//! verdict: CLOSED_EARLY
//! Has a loop with ten turns, and closes after the tenth reply.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        for _ in 0..10 {
            let Some(message) = receive(stream)? else { break };
            send(stream, &upper(&message))?;
        }
        Ok(())
    });
}
