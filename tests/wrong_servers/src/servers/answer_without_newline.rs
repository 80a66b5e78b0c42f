//! exercise: 04
//! verdict: INCOMPLETE_REPLY
//! Sends the operator's answer without its newline.

use wrong_servers::{in_threads, lines, send, turn};

pub fn main() {
    in_threads(|stream, peer| {
        for message in lines(stream) {
            let message = message?;
            let answer = turn(peer, &message);
            if message == "bye" {
                break;
            }
            send(stream, &answer)?;
            if answer == "bye" {
                break;
            }
        }
        Ok(())
    });
}
