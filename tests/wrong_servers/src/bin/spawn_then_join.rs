//! exercise: 03
//! verdict: SERIAL
//! Starts a thread for each client, and waits for its end before it accepts the next.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{listen, next_client, play, report};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let listener = listen();
    loop {
        let (stream, peer) = next_client(&listener);
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let handler = thread::spawn(move || report(peer, play(&stream, peer, number, 1)));
        let _ = handler.join();
    }
}
