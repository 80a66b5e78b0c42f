//! exercise: 11
//! verdict: SPINS; macos NOT_CLOSED; windows NOT_CLOSED
//! Keeps a client whose input has ended in its list: `poll` returns for it at once, for ever.

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() && !client.read_once()? {
            client.unread.clear();
            return Ok(true);
        }
        if !client.answer_lines() {
            return Ok(false);
        }
        client.write_once()
    });
}
