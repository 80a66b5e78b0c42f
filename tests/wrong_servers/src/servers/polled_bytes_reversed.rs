//! exercise: 11
//! verdict: WRONG_REPLY
//! Reverses the bytes of a line, not its letters.

use wrong_servers::polled::{Client, MAX_LINE, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            while let Some(mut line) = client.take_line() {
                if line.len() > MAX_LINE {
                    return Ok(false);
                }
                line.pop();
                client.unsent.extend(line.iter().rev());
                client.unsent.push(b'\n');
            }
            if client.unread.len() >= MAX_LINE {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
