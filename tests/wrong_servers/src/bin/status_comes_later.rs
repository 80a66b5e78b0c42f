//! exercise: 03
//! verdict: PASS
//! Right, and sends the second line 300 ms after the first.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use wrong_servers::{GREETING, hear, in_threads, send, status};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);
static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let online = ONLINE.fetch_add(1, SeqCst) + 1;
        let played = send(stream, GREETING).and_then(|()| {
            thread::sleep(Duration::from_millis(300));
            send(stream, &status(number, online))?;
            hear(stream, peer)
        });
        ONLINE.fetch_sub(1, SeqCst);
        played
    });
}
