//! exercise: 06
//! verdict: MIXED_UP
//! Locks to show a message, unlocks, and locks again to ask for the answer.

use std::sync::{Mutex, PoisonError};

use wrong_servers::{ask, chat, in_threads, show};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            let lock = || OPERATOR.lock().unwrap_or_else(PoisonError::into_inner);
            let guard = lock();
            show(peer, message);
            drop(guard);
            let _guard = lock();
            ask(peer, message)
        })
    });
}
