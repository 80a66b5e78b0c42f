//! exercise: 08
//! verdict: NOT_REFUSED
//! Makes the next client wait for a place instead of telling it that there is none.

use std::sync::{Condvar, Mutex};

use wrong_servers::{in_threads, option, session};

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let taken = TAKEN.lock().unwrap();
        *FREE.wait_while(taken, |taken| *taken >= max).unwrap() += 1;
        let ended = session(stream);
        *TAKEN.lock().unwrap() -= 1;
        FREE.notify_one();
        ended
    });
}
