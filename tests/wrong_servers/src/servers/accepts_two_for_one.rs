//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Accepts twice before it serves: every second client is kept, and not served.

use wrong_servers::{listen, next_client, receive, report, send, upper};

pub fn main() {
    let listener = listen();
    loop {
        let (_first, _) = next_client(&listener);
        let (stream, peer) = next_client(&listener);
        let serve = || {
            while let Some(message) = receive(&stream)? {
                send(&stream, &upper(&message))?;
            }
            Ok(())
        };
        report(peer, serve());
    }
}
