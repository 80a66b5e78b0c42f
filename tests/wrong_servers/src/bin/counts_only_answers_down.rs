//! exercise: 03
//! verdict: LEAKED_PLACE
//! Takes the count back for those who answer, not for those who leave without.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{GREETING, in_threads, receive, send, status};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);
static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, _| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let online = ONLINE.fetch_add(1, SeqCst) + 1;
        send(stream, &(GREETING.to_owned() + &status(number, online)))?;
        if receive(stream)?.is_some() {
            ONLINE.fetch_sub(1, SeqCst);
        }
        Ok(())
    });
}
