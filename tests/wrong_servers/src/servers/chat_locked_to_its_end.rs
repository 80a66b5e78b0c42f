//! exercise: 04
//! verdict: LOCK_HELD
//! Every chat has a thread, and holds one lock from its first line to its last.

use std::sync::Mutex;

use wrong_servers::{chat, in_threads, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        let _guard = OPERATOR.lock().unwrap();
        chat(stream, peer, turn)
    });
}
