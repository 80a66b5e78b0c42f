//! exercise: 08
//! verdict: PASS
//! Right: a client that is turned away has a thread of its own, which reads until that client closes.

use std::net::Shutdown;
use std::sync::atomic::AtomicUsize;
use std::thread;

use wrong_servers::{
    FULL, Place, exit_at_ctrl_c, listen, next_client, option, receive, report, send, session,
};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    exit_at_ctrl_c();
    let max = option("--max", 100);
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        let place = Place::take(&TAKEN, max);
        thread::spawn(move || {
            if place.is_some() {
                return report(peer, session(&stream));
            }
            let _ = send(&stream, FULL);
            let _ = stream.shutdown(Shutdown::Write);
            while let Ok(Some(_)) = receive(&stream) {}
        });
    }
}
