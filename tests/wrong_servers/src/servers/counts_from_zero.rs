//! exercise: 03
//! verdict: WRONG_REPLY
//! Numbers the players from 0.

use wrong_servers::{in_numbered_threads, play};

pub fn main() {
    in_numbered_threads(|stream, peer, number| play(stream, peer, number - 1));
}
