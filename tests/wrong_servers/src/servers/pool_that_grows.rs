//! exercise: 09
//! verdict: NOT_REFUSED
//! After a panic a new worker is started, and the old one goes on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use wrong_servers::{Client, offer_or_refuse, pool_sizes, pooled_game, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..workers {
        start(Arc::clone(&receiver));
    }
    offer_or_refuse(|client| sender.try_send(client));
}

fn start(receiver: Arc<Mutex<Receiver<Client>>>) {
    thread::spawn(move || {
        loop {
            let client = take_next(&receiver);
            if catch_unwind(AssertUnwindSafe(|| pooled_game(&client))).is_err() {
                start(Arc::clone(&receiver));
            }
        }
    });
}
