//! exercise: 06
//! verdict: MIXED_UP
//! Binds the guard to `_`, which drops it at once.

use std::sync::Mutex;

use wrong_servers::{chat, in_threads, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            #[expect(let_underscore_lock, reason = "this is the mistake")]
            let _ = OPERATOR.lock();
            turn(peer, message)
        })
    });
}
