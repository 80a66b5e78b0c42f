//! exercise: 09
//! verdict: PASS
//! Right, in other words: a worker that ends, for whatever reason, is replaced by a new thread.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use wrong_servers::{Client, offer_or_refuse, pool_sizes, pooled_game, report, take_next};

struct Worker(Arc<Mutex<Receiver<Client>>>);

impl Worker {
    fn start(self) {
        thread::spawn(move || {
            loop {
                let client = take_next(&self.0);
                report(client.1, pooled_game(&client));
            }
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        Worker(Arc::clone(&self.0)).start();
    }
}

pub fn main() {
    let (workers, queue) = pool_sizes();
    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..workers {
        Worker(Arc::clone(&receiver)).start();
    }
    offer_or_refuse(|client| sender.try_send(client));
}
