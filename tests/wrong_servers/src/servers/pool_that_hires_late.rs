//! exercise: 09
//! verdict: WORKER_LOST
//! A worker that has ended is replaced when the next client comes, and not before.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use wrong_servers::{Client, offer_or_refuse, pool_sizes, pooled_game, report, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    let mut pool: Vec<_> = (0..workers).map(|_| start(&receiver)).collect();
    offer_or_refuse(|client| {
        for worker in pool.iter_mut().filter(|worker| worker.is_finished()) {
            *worker = start(&receiver);
        }
        sender.try_send(client)
    });
}

fn start(receiver: &Arc<Mutex<Receiver<Client>>>) -> JoinHandle<()> {
    let receiver = Arc::clone(receiver);
    thread::spawn(move || {
        loop {
            let client = take_next(&receiver);
            report(client.1, pooled_game(&client));
        }
    })
}
