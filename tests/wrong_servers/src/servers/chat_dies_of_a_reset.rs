//! exercise: 04
//! verdict: DIED
//! Ends the whole server when one chat is lost.

use wrong_servers::{chat, fail, in_threads, turn};

pub fn main() {
    in_threads(|stream, peer| {
        if let Err(error) = chat(stream, peer, turn) {
            fail(&error);
        }
        Ok(())
    });
}
