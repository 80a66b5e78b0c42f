//! exercise: 11
//! verdict: WRONG_REPLY
//! Puts each reply in the place of the one before, so that only the last of several is sent.

use wrong_servers::polled::{Client, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if !client.unsent.is_empty() {
            return client.write_once();
        }
        if !client.read_once()? {
            return Ok(false);
        }
        while let Some(line) = client.take_line() {
            client.unsent = answer(&line);
        }
        client.write_once()
    });
}
