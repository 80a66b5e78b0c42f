//! exercise: 06
//! verdict: SPINS; macos PASS; windows PASS
//! Asks for the lock with `try_lock` until it is free: a processor is busy while the operator thinks.

use std::sync::Mutex;

use wrong_servers::{chat, in_threads, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            loop {
                if let Ok(_guard) = OPERATOR.try_lock() {
                    return turn(peer, message);
                }
                std::hint::spin_loop();
            }
        })
    });
}
