//! exercise: 07
//! verdict: SERIAL
//! Hands all clients to one thread, which serves them one by one.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::thread;

use wrong_servers::{listen, print_record, receive, report, reversed, send, unreported_client};

pub fn main() {
    let (clients, queue) = mpsc::channel();
    thread::spawn(move || {
        for (stream, peer) in queue {
            println!("Connection from {peer}");
            let serve = AssertUnwindSafe(|| {
                while let Some(message) = receive(&stream)? {
                    print_record(&String::from_utf8_lossy(&message));
                    send(&stream, &reversed(&message))?;
                }
                Ok(())
            });
            // A panic costs this client, and not the thread.
            report(peer, panic::catch_unwind(serve).unwrap_or(Ok(())));
        }
    });

    let listener = listen();
    loop {
        clients.send(unreported_client(&listener)).unwrap();
    }
}
