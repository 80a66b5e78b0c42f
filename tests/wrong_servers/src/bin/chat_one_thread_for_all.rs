//! exercise: 04
//! verdict: SERIAL
//! Hands all chats to one thread, which takes them one by one.

use std::sync::mpsc;
use std::thread;

use wrong_servers::{chat, listen, next_client, report, turn};

fn main() {
    let (clients, queue) = mpsc::channel();
    thread::spawn(move || {
        for (stream, peer) in queue {
            report(peer, chat(&stream, peer, turn));
        }
    });

    let listener = listen();
    loop {
        clients.send(next_client(&listener)).unwrap();
    }
}
