//! exercise: 09
//! verdict: LOCK_HELD
//! The guard has a name, so it lives to the end of the block in which the client is served.

use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let queue = receiver.lock().unwrap_or_else(PoisonError::into_inner);
            let Ok(client) = queue.recv() else { return };
            serve_safely(client);
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
