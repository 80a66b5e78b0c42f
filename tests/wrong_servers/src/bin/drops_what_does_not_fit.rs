//! exercise: 11
//! verdict: INCOMPLETE_REPLY
//! Looks at no result of `write`: what there is no room for is lost.

use std::io::Write;

use wrong_servers::polled::{Client, in_one_thread, one_thing};

fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        let _ = client.stream.write(&client.unsent);
        client.unsent.clear();
        Ok(true)
    });
}
