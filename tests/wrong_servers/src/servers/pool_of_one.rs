//! exercise: 09
//! verdict: SERIAL; macos LOCK_HELD; windows LOCK_HELD
//! Has one worker, whatever `--workers` says.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (_, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(1, move || {
        loop {
            serve_safely(take_next(&receiver));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
