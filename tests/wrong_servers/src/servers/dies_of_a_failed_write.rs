//! exercise: 11
//! verdict: DIED
//! Takes every error of `write` but `WouldBlock` for a bug of its own.

use std::io::ErrorKind;

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() && !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        match client.write_once() {
            Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("write: {error}"),
            written => written,
        }
    });
}
