//! exercise: 09
//! verdict: WRONG_REPLY
//! A thread for each client, as many as there are workers; nobody waits.

use std::sync::atomic::AtomicUsize;
use std::thread;

use wrong_servers::{Place, listen, next_client, pool_sizes, refuse, serve_safely};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let (workers, _) = pool_sizes();
    let listener = listen();
    loop {
        let client = next_client(&listener);
        let Some(place) = Place::take(&TAKEN, workers) else {
            refuse(client);
            continue;
        };
        thread::spawn(move || {
            let _place = place;
            serve_safely(client);
        });
    }
}
