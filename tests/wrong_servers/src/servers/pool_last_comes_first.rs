//! exercise: 09
//! verdict: LOCK_HELD
//! The client that came last is taken out of the queue first.

use std::sync::{Arc, Condvar, Mutex};

use wrong_servers::{listen, next_client, pool_sizes, refuse, serve_safely, start_workers};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let shared = Arc::new((Mutex::new((Vec::new(), 0)), Condvar::new()));
    let own = Arc::clone(&shared);
    start_workers(workers, move || {
        let (state, changed) = &*own;
        loop {
            let waiting = state.lock().unwrap();
            let mut waiting = changed.wait_while(waiting, |state| state.0.is_empty()).unwrap();
            let client = waiting.0.pop().unwrap();
            drop(waiting);
            serve_safely(client);
            state.lock().unwrap().1 -= 1;
        }
    });
    let listener = listen();
    let (state, changed) = &*shared;
    loop {
        let client = next_client(&listener);
        let mut state = state.lock().unwrap();
        if state.1 == workers + queue {
            drop(state);
            refuse(client);
            continue;
        }
        state.1 += 1;
        state.0.push(client);
        drop(state);
        changed.notify_one();
    }
}
