//! exercise: 11
//! verdict: CLOSED_EARLY
//! Takes `WouldBlock` of a `write` for the end of the connection.

use std::io::Write;

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        let sent = client.stream.write_all(&client.unsent).is_ok();
        client.unsent.clear();
        Ok(sent)
    });
}
