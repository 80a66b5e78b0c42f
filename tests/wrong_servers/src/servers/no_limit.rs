//! exercise: 08
//! verdict: NOT_REFUSED
//! Serves everybody, whatever `--max` says.

use wrong_servers::{in_threads, session};

pub fn main() {
    in_threads(|stream, _| session(stream));
}
