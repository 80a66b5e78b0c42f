//! exercise: 04
//! verdict: CLOSED_EARLY
//! Ends the chat at the operator's `bye`, which the client is never sent.

use wrong_servers::{in_threads, lines, send, turn};

pub fn main() {
    in_threads(|stream, peer| {
        for message in lines(stream) {
            let answer = turn(peer, &message?);
            if answer == "bye" {
                break;
            }
            send(stream, &format!("{answer}\n"))?;
        }
        Ok(())
    });
}
