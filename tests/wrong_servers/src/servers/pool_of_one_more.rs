//! exercise: 09
//! verdict: NOT_REFUSED
//! Counts its workers from 0, and starts one too many.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers + 1, move || {
        loop {
            serve_safely(take_next(&receiver));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
