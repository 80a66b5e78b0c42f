//! exercise: 08
//! verdict: NOT_REFUSED
//! Looks at the count in the loop that accepts, and counts up in the thread: clients that come at one moment get in.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{
    FULL, Place, exit_at_ctrl_c, listen, next_client, option, report, send, session,
};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    exit_at_ctrl_c();
    let max = option("--max", 100);
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        if TAKEN.load(SeqCst) >= max {
            let _ = send(&stream, FULL);
            continue;
        }
        thread::spawn(move || {
            TAKEN.fetch_add(1, SeqCst);
            let _place = Place::counted(&TAKEN);
            report(peer, session(&stream));
        });
    }
}
