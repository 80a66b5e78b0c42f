//! exercise: 11
//! verdict: NOT_CLOSED
//! Collects a line that never ends.

use wrong_servers::polled::{Client, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            while let Some(line) = client.take_line() {
                client.unsent.extend(answer(&line));
            }
        }
        client.write_once()
    });
}
