//! exercise: 09
//! verdict: CLOSED_EARLY
//! Closes the connection of a client that thinks for 200 ms.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            let _ = client.0.set_read_timeout(Some(Duration::from_millis(200)));
            serve_safely(client);
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
