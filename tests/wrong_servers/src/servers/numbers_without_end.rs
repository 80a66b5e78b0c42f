//! exercise: 03
//! verdict: WRONG_REPLY
//! Tells each player its number again and again.

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|stream, _| {
        loop {
            send(stream, "You are player 1.\n")?;
        }
    });
}
