//! exercise: 03
//! verdict: SERIAL
//! Hands all clients to one thread, which serves them one by one.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;

use wrong_servers::{listen, play, report, unreported_client};

static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let (clients, queue) = mpsc::channel();
    thread::spawn(move || {
        for (number, (stream, peer)) in (1..).zip(queue) {
            println!("Connection from {peer}");
            report(peer, play(&stream, peer, number, ONLINE.load(SeqCst)));
            ONLINE.fetch_sub(1, SeqCst);
        }
    });

    let listener = listen();
    loop {
        let client = unreported_client(&listener);
        ONLINE.fetch_add(1, SeqCst);
        clients.send(client).unwrap();
    }
}
