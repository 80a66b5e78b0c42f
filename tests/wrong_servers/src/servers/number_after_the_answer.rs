//! exercise: 03
//! verdict: INCOMPLETE_REPLY
//! Tells a player its number when it has answered.

use wrong_servers::{GREETING, hear, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        send(stream, GREETING)?;
        hear(stream, peer)?;
        send(stream, &number_line(number))
    });
}
