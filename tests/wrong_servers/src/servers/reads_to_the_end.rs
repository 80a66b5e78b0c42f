//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Reads everything that a client has to say before it answers.

use std::io::{self, Read};

use wrong_servers::{in_turn, send, upper};

pub fn main() {
    in_turn(|mut stream, _| {
        let messages = io::read_to_string(stream.by_ref())?;
        send(stream, &upper(messages.as_bytes()))
    });
}
