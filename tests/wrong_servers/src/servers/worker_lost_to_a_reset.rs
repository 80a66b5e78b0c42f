//! exercise: 09
//! verdict: WORKER_LOST
//! A worker outlives a panic, and leaves its loop when a client is lost.

use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, pooled_game, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            if let Ok(Err(error)) = catch_unwind(move || pooled_game(&client)) {
                println!("a client was lost: {error}");
                return;
            }
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
