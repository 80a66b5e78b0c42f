//! exercise: 03
//! verdict: WRONG_REPLY
//! The loop counts, and each thread reads the count when it runs: another player may have come by then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread;

use wrong_servers::{listen, next_client, play, report};

pub fn main() {
    let listener = listen();
    let players = Arc::new(AtomicU32::new(0));
    loop {
        let (stream, peer) = next_client(&listener);
        players.fetch_add(1, SeqCst);
        let players = Arc::clone(&players);
        thread::spawn(move || report(peer, play(&stream, peer, players.load(SeqCst))));
    }
}
