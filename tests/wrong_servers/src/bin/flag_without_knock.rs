//! exercise: 05
//! verdict: NO_CLEAN_EXIT
//! Raises a flag at Ctrl-C and does not wake `accept`, which would have to look at it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{FULL, bind, next_client, option, report, say_ready, send, session};

static STOPPING: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    let listener = bind();
    ctrlc::set_handler(|| STOPPING.store(true, SeqCst)).unwrap();
    say_ready(&listener);
    while !STOPPING.load(SeqCst) {
        let (stream, peer) = next_client(&listener);
        thread::spawn(move || {
            let full = TAKEN.fetch_add(1, SeqCst) >= max;
            report(peer, if full { send(&stream, FULL) } else { session(&stream) });
            TAKEN.fetch_sub(1, SeqCst);
        });
    }
}
