//! exercise: 08
//! verdict: PASS
//! Right, and words its console in another language.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, exit_at_ctrl_c, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    exit_at_ctrl_c();
    let max = option("--max", 100);
    in_threads(move |stream, peer| {
        let Some(_place) = Place::take(&TAKEN, max) else {
            println!("{peer} trouve porte close");
            return send(stream, FULL);
        };
        println!("{peer} est servi");
        session(stream)
    });
}
