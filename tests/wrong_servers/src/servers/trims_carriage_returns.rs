//! exercise: 11
//! verdict: WRONG_REPLY
//! Takes a `\r` in front of the newline for a part of it.

use wrong_servers::polled::{Client, MAX_LINE, answer, in_one_thread, one_thing};

pub fn main() {
    in_one_thread(None, one_thing, |client: &mut Client| {
        if client.unsent.is_empty() {
            if !client.read_once()? {
                return Ok(false);
            }
            while let Some(line) = client.take_line() {
                if line.len() > MAX_LINE {
                    return Ok(false);
                }
                let cut = line.strip_suffix(b"\r\n").unwrap_or(&line);
                client.unsent.extend(answer(cut));
            }
            if client.unread.len() >= MAX_LINE {
                return Ok(false);
            }
        }
        client.write_once()
    });
}
