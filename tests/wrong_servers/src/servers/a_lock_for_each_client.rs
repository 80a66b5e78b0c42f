//! exercise: 06
//! verdict: MIXED_UP
//! Makes a lock for each client, which shuts nobody out.

use std::sync::Mutex;

use wrong_servers::{chat, in_threads, turn};

pub fn main() {
    in_threads(|stream, peer| {
        let operator = Mutex::new(());
        chat(stream, peer, |peer, message| {
            let _guard = operator.lock().unwrap();
            turn(peer, message)
        })
    });
}
