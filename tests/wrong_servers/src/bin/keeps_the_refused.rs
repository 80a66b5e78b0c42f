//! exercise: 05
//! verdict: NOT_CLOSED
//! Tells the client that finds no place so, and forgets to close its connection.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wrong_servers::{FULL, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static REFUSED: Mutex<Vec<std::net::TcpStream>> = Mutex::new(Vec::new());

fn main() {
    in_threads(|stream, _| {
        let max = option("--max", 100);
        let one_more = |taken| (taken < max).then_some(taken + 1);
        if TAKEN.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).is_err() {
            REFUSED.lock().unwrap().push(stream.try_clone()?);
            return send(stream, FULL);
        }
        let ended = session(stream);
        TAKEN.fetch_sub(1, Ordering::SeqCst);
        ended
    });
}
