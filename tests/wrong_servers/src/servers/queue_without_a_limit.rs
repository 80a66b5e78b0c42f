//! exercise: 09
//! verdict: NOT_REFUSED
//! Nobody is refused, because the queue takes everything.

use std::sync::Mutex;
use std::sync::mpsc::channel;

use wrong_servers::{listen, next_client, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, _) = pool_sizes();
    let (sender, receiver) = channel();
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            serve_safely(take_next(&receiver));
        }
    });
    let listener = listen();
    loop {
        let _ = sender.send(next_client(&listener));
    }
}
