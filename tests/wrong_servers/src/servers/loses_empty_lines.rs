//! exercise: 11
//! verdict: INCOMPLETE_REPLY
//! Cuts the newlines off the end of what it has read, and then splits the rest at the others.

use wrong_servers::polled::{Client, MAX_LINE, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            if let Some(end) = client.unread.iter().rposition(|byte| *byte == b'\n') {
                let mut lines: Vec<u8> = client.unread.drain(..=end).collect();
                while lines.last() == Some(&b'\n') {
                    lines.pop();
                }
                for line in lines.split(|byte| *byte == b'\n') {
                    if line.len() >= MAX_LINE {
                        return Ok(false);
                    }
                    client.unsent.extend(answer(line));
                }
            }
            if client.unread.len() >= MAX_LINE {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
