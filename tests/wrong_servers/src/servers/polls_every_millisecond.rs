//! exercise: 11
//! verdict: SPINS; macos PASS; windows PASS
//! Gives `poll` a timeout of a millisecond, and so looks a thousand times a second.

use rustix::event::Timespec;
use wrong_servers::polled::{in_one_thread, one_thing, serve};

pub fn main() {
    in_one_thread(Some(Timespec { tv_sec: 0, tv_nsec: 1_000_000 }), one_thing, serve);
}
