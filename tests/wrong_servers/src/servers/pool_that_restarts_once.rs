//! exercise: 09
//! verdict: WORKER_LOST
//! Each worker outlives one panic. The second one ends it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

use wrong_servers::{
    Client, offer_or_refuse, pool_sizes, pooled_game, report, start_workers, take_next,
};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        if catch_unwind(AssertUnwindSafe(|| work(&receiver))).is_err() {
            work(&receiver);
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}

fn work(receiver: &Mutex<Receiver<Client>>) {
    loop {
        let client = take_next(receiver);
        report(client.1, pooled_game(&client));
    }
}
