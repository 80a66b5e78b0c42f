//! exercise: 04
//! verdict: SERIAL
//! Hands all chats to one thread, which takes them one by one.

use std::sync::mpsc;
use std::thread;

use wrong_servers::{chat, listen, report, turn, unreported_client};

pub fn main() {
    let (clients, queue) = mpsc::channel();
    thread::spawn(move || {
        for (stream, peer) in queue {
            println!("Connection from {peer}");
            report(peer, chat(&stream, peer, turn));
        }
    });

    let listener = listen();
    loop {
        clients.send(unreported_client(&listener)).unwrap();
    }
}
