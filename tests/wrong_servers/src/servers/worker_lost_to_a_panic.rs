//! exercise: 09
//! verdict: WORKER_LOST
//! A handler that panics takes its worker with it.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, pooled_game, report, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            report(client.1, pooled_game(&client));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
