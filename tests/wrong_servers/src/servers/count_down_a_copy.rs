//! exercise: 08
//! verdict: LEAKED_PLACE
//! Counts down in the `move` closure: the thread's own copy falls, and the one in `main` does not.

use std::thread;

use wrong_servers::{FULL, listen, next_client, option, report, send, session};

#[allow(unused_assignments, reason = "the compiler sees the mistake")]
pub fn main() {
    let max: usize = option("--max", 100);
    let listener = listen();
    let mut taken = 0;
    loop {
        let (stream, peer) = next_client(&listener);
        if taken >= max {
            report(peer, send(&stream, FULL));
            continue;
        }
        taken += 1;
        thread::spawn(move || {
            report(peer, session(&stream));
            taken -= 1;
            let _ = taken; // Rust 1.85 warns of a variable that is only written
        });
    }
}
