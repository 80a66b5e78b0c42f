//! exercise: 07
//! verdict: WRONG_REPLY
//! Takes the white space off the message before it turns it round.

use wrong_servers::{in_threads, print_record, receive, reversed, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            print_record(&String::from_utf8_lossy(&message));
            send(stream, &reversed(message.trim_ascii()))?;
        }
        Ok(())
    });
}
