//! exercise: 11
//! verdict: UNBOUNDED
//! Reads one client until nothing more has arrived: one that sends without a pause keeps it there, for ever.

use std::io::{ErrorKind, Read};

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            let mut buffer = [0; 256];
            loop {
                match client.stream.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => client.unread.extend_from_slice(&buffer[..length]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
            if !client.answer_lines() {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
