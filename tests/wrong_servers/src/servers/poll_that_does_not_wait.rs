//! exercise: 11
//! verdict: SPINS; macos PASS; windows PASS
//! Gives `poll` a timeout of zero, and so asks again and again.

use rustix::event::Timespec;
use wrong_servers::polled::{in_one_thread, one_thing, serve};

pub fn main() {
    in_one_thread(Some(Timespec { tv_sec: 0, tv_nsec: 0 }), one_thing, serve);
}
