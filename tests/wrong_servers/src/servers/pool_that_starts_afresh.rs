//! exercise: 09
//! verdict: CLOSED_EARLY
//! After a panic the clients that wait are thrown out.

use std::panic::{AssertUnwindSafe, catch_unwind};
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
            if catch_unwind(AssertUnwindSafe(|| pooled_game(&client))).is_err() {
                while receiver.lock().unwrap().try_recv().is_ok() {}
            }
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
