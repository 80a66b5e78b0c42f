//! exercise: 04
//! verdict: PASS
//! Right: prints the prompt in a line of its own, on standard error, and no answer.

use std::io;

use wrong_servers::{chat, in_threads, show};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            show(peer, message);
            if message == "bye" {
                return "bye".to_owned();
            }
            eprintln!("Your answer to {peer}:");
            let mut answer = String::new();
            let length = io::stdin().read_line(&mut answer).unwrap_or_default();
            if length == 0 { "bye".to_owned() } else { answer.trim_ascii_end().to_owned() }
        })
    });
}
