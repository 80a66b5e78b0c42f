//! exercise: 02
//! verdict: SERIAL
//! Waits for an answer as long as it takes.

use wrong_servers::{GREETING, hear, in_turn, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        hear(stream, peer)
    });
}
