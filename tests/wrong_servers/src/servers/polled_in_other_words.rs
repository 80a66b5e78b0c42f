//! exercise: 11
//! verdict: PASS
//! One thread and `poll`, with one read and one write for each turn.

use wrong_servers::polled::{in_one_thread, one_thing, serve};

pub fn main() {
    in_one_thread(None, one_thing, serve);
}
