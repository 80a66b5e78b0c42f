//! exercise: 06
//! verdict: MIXED_UP
//! Holds the lock while it prints the message, and not while it asks for the answer.

use std::sync::Mutex;

use wrong_servers::{ask, chat, in_threads, show};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            {
                let _guard = OPERATOR.lock().unwrap();
                show(peer, message);
            }
            ask(peer, message)
        })
    });
}
