//! exercise: 03
//! verdict: WRONG_REPLY
//! The threads count in two steps: they read the count, greet, and then write the next.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

use wrong_servers::{GREETING, hear, in_threads, number_line, send};

static PLAYERS: AtomicU32 = AtomicU32::new(0);

pub fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.load(SeqCst) + 1;
        send(stream, GREETING)?;
        PLAYERS.store(number, SeqCst);
        send(stream, &number_line(number))?;
        hear(stream, peer)
    });
}
