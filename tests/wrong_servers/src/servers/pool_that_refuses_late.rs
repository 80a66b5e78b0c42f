//! exercise: 09
//! verdict: NOT_REFUSED
//! Sleeps for more than a second before it refuses a client.

use std::sync::Mutex;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use wrong_servers::{
    listen, next_client, pool_sizes, refuse, serve_safely, start_workers, take_next,
};

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
        if let Err(TrySendError::Full(client)) = sender.try_send(next_client(&listener)) {
            thread::sleep(Duration::from_millis(1200));
            refuse(client);
        }
    }
}
