//! exercise: 09
//! verdict: NO_PANIC
//! The bug that the workers were to survive has been taken out.

use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

use wrong_servers::{
    GREETING, offer_or_refuse, pool_sizes, receive, send, start_workers, take_next,
};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Mutex::new(receiver);
    start_workers(workers, move || {
        loop {
            let (stream, _) = take_next(&receiver);
            let _ = send(&stream, GREETING).and_then(|()| receive(&stream));
        }
    });
    offer_or_refuse(|client| sender.try_send(client));
}
