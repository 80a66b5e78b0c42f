//! exercise: 04
//! verdict: NOT_SHOWN
//! Prints the prompt without a newline and does not flush: the operator sees it when the answer is typed.

use std::io;

use wrong_servers::{chat, in_threads, show};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            show(peer, message);
            if message == "bye" {
                return "bye".to_owned();
            }
            print!("{peer}< ");
            let mut answer = String::new();
            let length = io::stdin().read_line(&mut answer).unwrap_or_default();
            println!("{}", answer.trim_ascii_end());
            if length == 0 { "bye".to_owned() } else { answer.trim_ascii_end().to_owned() }
        })
    });
}
