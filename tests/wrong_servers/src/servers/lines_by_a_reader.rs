//! exercise: 05
//! verdict: PASS
//! Right, in words of its own: a reader for the conversation, a limit for each line.

use wrong_servers::{in_threads, line_session};

pub fn main() {
    in_threads(|stream, peer| {
        println!("{peer} est servi");
        line_session(stream)
    });
}
