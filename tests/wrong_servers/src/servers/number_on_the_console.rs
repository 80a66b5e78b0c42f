//! exercise: 03
//! verdict: INCOMPLETE_REPLY
//! Prints the number on its own console instead of sending it.

use wrong_servers::{GREETING, hear, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        send(stream, GREETING)?;
        print!("{}", number_line(number));
        hear(stream, peer)
    });
}
