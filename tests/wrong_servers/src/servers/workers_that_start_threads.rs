//! exercise: 09
//! verdict: NOT_REFUSED
//! A worker starts a thread for each client, and so never has its hands full.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            thread::spawn(move || serve_safely(client));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
