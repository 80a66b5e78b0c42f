//! exercise: 11
//! verdict: INCOMPLETE_REPLY
//! Answers one line for each time that `poll` returns; the next stays in its buffer, of which `poll` does not know.

use wrong_servers::polled::{Client, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? || client.unread.len() > 1024 * 64 {
                return Ok(false);
            }
            if let Some(line) = client.take_line() {
                client.unsent = answer(&line);
            }
        }
        client.write_once()
    });
}
