//! exercise: 04
//! verdict: WRONG_REPLY
//! Takes the end of the operator's input for an empty line.

use std::io::{self, Write};

use wrong_servers::{chat, in_threads, show};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            show(peer, message);
            let mut answer = String::new();
            if message != "bye" {
                print!("{peer}< ");
                let _ = io::stdout().flush();
                let _ = io::stdin().read_line(&mut answer);
                println!("{}", answer.trim_ascii_end());
            }
            answer.trim_ascii_end().to_owned()
        })
    });
}
