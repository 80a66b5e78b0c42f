//! exercise: 11
//! verdict: WRONG_REPLY
//! Limits the length of half a line, and answers a complete one however long it is.

use wrong_servers::polled::{Client, MAX_LINE, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            while let Some(line) = client.take_line() {
                client.unsent.extend(answer(&line));
            }
            if client.unread.len() > MAX_LINE {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
