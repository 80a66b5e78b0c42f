//! exercise: 09
//! verdict: NOT_REFUSED
//! Tells a client that there is no place, ends its own direction, and reads until that client closes.

use std::net::Shutdown;
use std::sync::Mutex;
use std::sync::mpsc::{TrySendError, sync_channel};

use wrong_servers::{
    FULL, listen, next_client, pool_sizes, receive, send, serve_safely, start_workers, take_next,
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
            let _ = send(&client.0, FULL);
            let _ = client.0.shutdown(Shutdown::Write);
            while let Ok(Some(_)) = receive(&client.0) {}
        }
    }
}
