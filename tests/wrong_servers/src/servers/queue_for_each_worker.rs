//! exercise: 09
//! verdict: LOCK_HELD; macos WORKER_LOST; windows WORKER_LOST
//! Each worker has a queue of its own: its clients wait for it while another one is free.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{offer_or_refuse, pool_sizes, serve_safely, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let mut senders = Vec::new();
    for number in 0..workers {
        // The places are dealt out: all to the second.
        let (sender, receiver) = sync_channel(if number == 1 { queue } else { 0 });
        senders.push(sender);
        let receiver = Mutex::new(receiver);
        start_workers(1, move || {
            loop {
                serve_safely(take_next(&receiver));
            }
        });
    }
    let mut turn = 0;
    offer_or_refuse(|client| {
        turn += 1;
        senders[turn % workers].try_send(client)
    });
}
