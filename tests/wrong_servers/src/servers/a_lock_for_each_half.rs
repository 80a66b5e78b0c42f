//! exercise: 06
//! verdict: MIXED_UP
//! Has one lock for the messages and another for the answers.

use std::sync::Mutex;

use wrong_servers::{ask, chat, in_threads, show};

static MESSAGES: Mutex<()> = Mutex::new(());
static ANSWERS: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            {
                let _guard = MESSAGES.lock().unwrap();
                show(peer, message);
            }
            let _guard = ANSWERS.lock().unwrap();
            ask(peer, message)
        })
    });
}
