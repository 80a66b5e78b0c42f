//! exercise: 09
//! verdict: TOO_MANY_THREADS; macos PASS; windows PASS
//! Starts a thread for each client, in which it waits for its turn.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use wrong_servers::{listen, next_client, pool_sizes, refuse, serve_safely};

pub fn main() {
    let (workers, queue) = pool_sizes();
    // How many are served, and how many wait.
    let clients = Arc::new((Mutex::new((0, 0)), Condvar::new()));
    let listener = listen();
    loop {
        let client = next_client(&listener);
        let mut now = clients.0.lock().unwrap();
        if now.0 + now.1 == workers + queue {
            drop(now);
            refuse(client);
            continue;
        }
        now.1 += 1;
        drop(now);
        let clients = Arc::clone(&clients);
        thread::spawn(move || {
            let (count, changed) = &*clients;
            let now = count.lock().unwrap();
            let mut now = changed.wait_while(now, |now| now.0 == workers).unwrap();
            *now = (now.0 + 1, now.1 - 1);
            drop(now);
            serve_safely(client);
            count.lock().unwrap().0 -= 1;
            changed.notify_one();
        });
    }
}
