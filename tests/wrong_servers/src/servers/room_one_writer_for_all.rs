//! exercise: 10
//! verdict: STALLED
//! Has one thread that writes to all guests, one after the other.

use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use wrong_servers::{Room, send};

pub fn main() {
    let (outbox, lines) = channel::<(Arc<TcpStream>, String)>();
    thread::spawn(move || {
        for (stream, line) in lines {
            let _ = send(&stream, &line);
        }
    });
    let outbox: Mutex<Sender<_>> = Mutex::new(outbox);
    Room::RIGHT.open(Arc::new, move |stream, line| {
        let line = (Arc::clone(stream), line.to_owned());
        outbox.lock().is_ok_and(|outbox| outbox.send(line).is_ok())
    });
}
