//! exercise: 08
//! verdict: NOT_REFUSED
//! Each thread looks at the count, and counts up a millisecond later, in a step of its own.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use wrong_servers::{FULL, exit_at_ctrl_c, in_threads, option, send, session};

static TAKEN: Mutex<usize> = Mutex::new(0);

/// Counts down when it is dropped.
struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        *TAKEN.lock().unwrap() -= 1;
    }
}

pub fn main() {
    exit_at_ctrl_c();
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let taken = *TAKEN.lock().unwrap();
        if taken >= max {
            return send(stream, FULL);
        }
        thread::sleep(Duration::from_millis(1));
        *TAKEN.lock().unwrap() += 1;
        let _counted = Counted;
        session(stream)
    });
}
