//! exercise: 09
//! verdict: WORKER_LOST
//! A worker to which no client comes for a second ends.

use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let own = Arc::clone(&receiver);
    start_workers(workers, move || {
        loop {
            let next = own.lock().unwrap().recv_timeout(Duration::from_secs(1));
            let Ok(client) = next else { return };
            serve_safely(client);
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
