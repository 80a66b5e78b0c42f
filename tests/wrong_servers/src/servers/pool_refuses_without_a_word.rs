//! exercise: 09
//! verdict: CLOSED_EARLY
//! Who finds no place is dropped, and told nothing.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{listen, next_client, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            serve_safely(take_next(&receiver));
        }
    });
    let listener = listen();
    loop {
        let _ = sender.try_send(next_client(&listener));
    }
}
