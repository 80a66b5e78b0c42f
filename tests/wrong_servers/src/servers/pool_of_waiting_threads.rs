//! exercise: 09
//! verdict: TOO_MANY_THREADS; macos PASS; windows PASS
//! Starts a thread for each client, in which it waits for its turn.

use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use wrong_servers::{listen, next_client, pool_sizes, refuse, serve_safely};

pub fn main() {
    let (workers, queue) = pool_sizes();
    // How many clients have ended.
    let ended = Arc::new((Mutex::new(0), Condvar::new()));
    let mut accepted = 0;
    let listener = listen();
    loop {
        let client = next_client(&listener);
        if accepted - *ended.0.lock().unwrap() == workers + queue {
            refuse(client);
            continue;
        }
        let number = accepted;
        accepted += 1;
        let ended = Arc::clone(&ended);
        thread::spawn(move || {
            let (count, changed) = &*ended;
            drop(changed.wait_while(count.lock().unwrap(), |ended| number >= *ended + workers));
            serve_safely(client);
            *count.lock().unwrap() += 1;
            changed.notify_all();
        });
    }
}
