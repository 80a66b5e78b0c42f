//! exercise: 11
//! verdict: INCOMPLETE_REPLY
//! Gives up writing to a client for which there was no room once: what is due to it is lost.

use std::io::Write;

use wrong_servers::polled::{Client, in_one_thread, one_thing};

pub fn main() {
    let mut given_up = Vec::new();
    in_one_thread(None, one_thing, |client: &mut Client| {
        if !(client.read_once()? && client.answer_lines()) {
            return Ok(false);
        }
        let peer = client.stream.peer_addr()?;
        if !given_up.contains(&peer) && client.stream.write_all(&client.unsent).is_err() {
            given_up.push(peer);
        }
        client.unsent.clear();
        Ok(true)
    });
}
