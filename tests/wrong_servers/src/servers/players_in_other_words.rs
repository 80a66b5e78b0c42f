//! exercise: 03
//! verdict: PASS
//! Right, and prints a great deal in words of its own.

use wrong_servers::{in_numbered_threads, play};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        for line in 0..50 {
            println!("joueur {number}, ligne {line}");
        }
        play(stream, peer, number)
    });
}
