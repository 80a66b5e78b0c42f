//! exercise: 05
//! verdict: PASS
//! Right, and words its console in another language.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, peer| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            println!("{peer} trouve porte close");
            return send(stream, FULL);
        }
        println!("{peer} est servi");
        let ended = session(stream);
        TAKEN.fetch_sub(1, SeqCst);
        ended
    });
}
