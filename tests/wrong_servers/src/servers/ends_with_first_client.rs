//! exercise: 01
//! verdict: DIED
//! Has no loop around `accept`: it ends when its first client leaves.

use wrong_servers::{listen, next_client, receive, report, send, upper};

pub fn main() {
    let listener = listen();
    let (stream, peer) = next_client(&listener);
    let serve = || {
        while let Some(message) = receive(&stream)? {
            send(&stream, &upper(&message))?;
        }
        Ok(())
    };
    report(peer, serve());
}
