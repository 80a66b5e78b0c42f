//! exercise: 03
//! verdict: SERIAL
//! A fixed number of threads: the sixth player waits until one of the others has left.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;

use wrong_servers::{listen, next_client, play, report, take_next};

pub fn main() {
    let (queue, clients) = channel();
    let clients = Arc::new(Mutex::new(clients));
    let players = Arc::new(Mutex::new(0));
    for _ in 0..5 {
        let (clients, players) = (Arc::clone(&clients), Arc::clone(&players));
        thread::spawn(move || {
            loop {
                let (stream, peer) = take_next(&clients);
                let number = {
                    let mut players = players.lock().unwrap();
                    *players += 1;
                    *players
                };
                report(peer, play(&stream, peer, number));
            }
        });
    }
    let listener = listen();
    loop {
        queue.send(next_client(&listener)).unwrap();
    }
}
