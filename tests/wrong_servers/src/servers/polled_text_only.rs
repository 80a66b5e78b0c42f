//! exercise: 11
//! verdict: DIED
//! Takes it for granted that what arrives is UTF-8 once its last line is complete.

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            if client.unread.ends_with(b"\n") {
                std::str::from_utf8(&client.unread).unwrap();
            }
            if !client.answer_lines() {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
