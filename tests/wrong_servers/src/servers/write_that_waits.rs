//! exercise: 11
//! verdict: SERIAL
//! Writes all of a reply at once, and so waits for a client that does not read.

use std::io::Write;

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        client.stream.set_nonblocking(false)?;
        client.stream.write_all(&client.unsent)?;
        client.unsent.clear();
        client.stream.set_nonblocking(true)?;
        Ok(true)
    });
}
