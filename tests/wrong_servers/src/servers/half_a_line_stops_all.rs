//! exercise: 11
//! verdict: SERIAL
//! Reads until the newline when `poll` says that something has arrived.

use std::io::Read;

use wrong_servers::polled::{Client, MAX_LINE, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        client.stream.set_nonblocking(false)?;
        let mut byte = [0];
        while byte != *b"\n" && client.unread.len() < MAX_LINE {
            if client.stream.read(&mut byte)? == 0 {
                return Ok(false);
            }
            client.unread.push(byte[0]);
        }
        client.answer_lines();
        client.write_once()
    });
}
