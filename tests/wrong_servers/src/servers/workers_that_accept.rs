//! exercise: 09
//! verdict: NOT_REFUSED
//! Every worker accepts for itself, so the system keeps the queue, and nobody is refused.

use std::sync::Arc;

use wrong_servers::{listen, next_client, pool_sizes, serve_safely, start_workers};

pub fn main() {
    let (workers, _) = pool_sizes();
    let listener = Arc::new(listen());
    start_workers(workers, move || {
        loop {
            serve_safely(next_client(&listener));
        }
    });
    loop {
        std::thread::park();
    }
}
