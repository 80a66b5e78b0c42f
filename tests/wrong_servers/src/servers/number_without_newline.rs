//! exercise: 03
//! verdict: INCOMPLETE_REPLY
//! Does not end the second line with a newline.

use wrong_servers::{GREETING, hear, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        send(stream, &(GREETING.to_owned() + number_line(number).trim_end()))?;
        hear(stream, peer)
    });
}
