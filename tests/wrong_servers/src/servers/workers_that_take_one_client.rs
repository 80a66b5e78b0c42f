//! exercise: 09
//! verdict: WORKER_LOST
//! A worker takes one client, and then its thread ends.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || serve_safely(take_next(&receiver)));
    offer_or_refuse(|client| sender.try_send(client));
}
