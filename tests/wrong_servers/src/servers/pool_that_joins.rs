//! exercise: 09
//! verdict: PASS
//! Right: a worker starts a thread for its client, so that a panic costs that one, and joins it.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;
use std::thread;

use wrong_servers::{offer_or_refuse, pool_sizes, pooled_game, report, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            let handler = thread::spawn(move || report(client.1, pooled_game(&client)));
            let _ = handler.join();
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
