//! exercise: 08
//! verdict: NO_CLEAN_EXIT; windows PASS
//! Raises a flag at Ctrl-C and does not wake `accept`, which would have to look at it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{FULL, Place, bind, next_client, option, report, say_ready, send, session};

static STOPPING: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    let listener = bind();
    ctrlc::set_handler(|| STOPPING.store(true, SeqCst)).unwrap();
    say_ready(&listener);
    while !STOPPING.load(SeqCst) {
        let (stream, peer) = next_client(&listener);
        thread::spawn(move || {
            report(
                peer,
                match Place::take(&TAKEN, max) {
                    Some(_place) => session(&stream),
                    None => send(&stream, FULL),
                },
            );
        });
    }
}
