//! exercise: 09
//! verdict: LEAKED_PLACE
//! Counts its clients, and a client whose handler panics is never counted out.

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{TrySendError, channel};
use std::sync::{Arc, Mutex};

use wrong_servers::{offer_or_refuse, pool_sizes, pooled_game, start_workers, take_next};

pub fn main() {
    let (workers, queue) = pool_sizes();
    let taken = Arc::new(AtomicUsize::new(0));
    let (sender, receiver) = channel();
    let (receiver, own) = (Mutex::new(receiver), Arc::clone(&taken));
    start_workers(workers, move || {
        loop {
            let client = take_next(&receiver);
            if catch_unwind(move || pooled_game(&client)).is_ok() {
                own.fetch_sub(1, SeqCst);
            }
        }
    });
    offer_or_refuse(|client| {
        if taken.load(SeqCst) == workers + queue {
            return Err(TrySendError::Full(client));
        }
        taken.fetch_add(1, SeqCst);
        sender.send(client).map_err(|error| TrySendError::Disconnected(error.0))
    });
}
