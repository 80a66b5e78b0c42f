//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Listens, and never accepts.

use std::thread;

use wrong_servers::listen;

pub fn main() {
    let _listener = listen();
    loop {
        thread::park();
    }
}
