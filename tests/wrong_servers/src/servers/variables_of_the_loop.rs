//! exercise: 03
//! verdict: WRONG_REPLY
//! The thread finds its client and its number in variables that the loop fills for each client.

use std::net::Shutdown;
use std::sync::{Arc, Mutex};
use std::thread;

use wrong_servers::{listen, next_client, play, report};

pub fn main() {
    let listener = listen();
    let player = Arc::new(Mutex::new(None));
    for number in 1.. {
        let (stream, peer) = next_client(&listener);
        *player.lock().unwrap() = Some((Arc::new(stream), peer, number));
        let player = Arc::clone(&player);
        thread::spawn(move || {
            let (stream, peer, number) = player.lock().unwrap().clone().unwrap();
            report(peer, play(&stream, peer, number));
            let _ = stream.shutdown(Shutdown::Both);
        });
    }
}
