//! exercise: 03
//! verdict: INCOMPLETE_REPLY
//! Does not end the second line with a newline.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{GREETING, hear, in_threads, send, status};

static PLAYERS: AtomicUsize = AtomicUsize::new(0);
static ONLINE: AtomicUsize = AtomicUsize::new(0);

fn main() {
    in_threads(|stream, peer| {
        let number = PLAYERS.fetch_add(1, SeqCst) + 1;
        let online = ONLINE.fetch_add(1, SeqCst) + 1;
        let status = status(number, online);
        let sent = send(stream, &(GREETING.to_owned() + status.trim_end()));
        let heard = sent.and_then(|()| hear(stream, peer));
        ONLINE.fetch_sub(1, SeqCst);
        heard
    });
}
