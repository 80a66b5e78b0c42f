//! exercise: 03
//! verdict: INCOMPLETE_REPLY
//! Greets, and leaves the second line out.

use wrong_servers::{GREETING, hear, in_threads, send};

pub fn main() {
    in_threads(|stream, peer| {
        send(stream, GREETING)?;
        hear(stream, peer)
    });
}
