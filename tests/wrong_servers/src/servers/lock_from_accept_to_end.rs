//! exercise: 06
//! verdict: LOCK_HELD
//! Takes the lock when a client comes and releases it when that client leaves.

use std::sync::Mutex;

use wrong_servers::{chat, in_threads, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        let _guard = OPERATOR.lock().unwrap();
        chat(stream, peer, turn)
    });
}
