//! exercise: 11
//! verdict: SPINS; macos PASS; windows PASS
//! Takes every error of `write` for no room, and tries again when `poll` says so.

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() && !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        Ok(client.write_once().unwrap_or(true))
    });
}
