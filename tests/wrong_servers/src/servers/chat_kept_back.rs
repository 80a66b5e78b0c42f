//! exercise: 04
//! verdict: NOT_SHOWN
//! Prints the message and the prompt in one line, and does not flush: the operator sees both too late.

use std::io;

use wrong_servers::{chat, in_threads};

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            if message == "bye" {
                return "bye".to_owned();
            }
            print!("{peer} says {}, and you: ", message.escape_debug());
            let mut answer = String::new();
            let length = io::stdin().read_line(&mut answer).unwrap_or_default();
            println!("{}", answer.trim_ascii_end());
            if length == 0 { "bye".to_owned() } else { answer.trim_ascii_end().to_owned() }
        })
    });
}
