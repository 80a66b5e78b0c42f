//! exercise: 08
//! verdict: WRONG_REPLY
//! Has two places, whatever `--max` says.

use std::sync::atomic::AtomicUsize;
use std::thread;

use wrong_servers::{FULL, Place, exit_at_ctrl_c, listen, next_client, report, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    exit_at_ctrl_c();
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        let Some(place) = Place::take(&TAKEN, 2) else {
            let _ = send(&stream, FULL);
            continue;
        };
        thread::spawn(move || {
            let _place = place;
            report(peer, session(&stream));
        });
    }
}
