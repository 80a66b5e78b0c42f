//! exercise: 03
//! verdict: SERIAL
//! Hands all clients to one thread, which serves them one by one.

use std::sync::mpsc;
use std::thread;

use wrong_servers::{listen, play, report, unreported_client};

pub fn main() {
    let (clients, queue) = mpsc::channel();
    thread::spawn(move || {
        for (number, (stream, peer)) in (1..).zip(queue) {
            println!("Connection from {peer}");
            report(peer, play(&stream, peer, number));
        }
    });

    let listener = listen();
    loop {
        clients.send(unreported_client(&listener)).unwrap();
    }
}
