//! exercise: 08
//! verdict: NOT_CLOSED
//! Tells the client that finds no place so, and forgets to close its connection.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, send, session};

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static REFUSED: Mutex<Vec<std::net::TcpStream>> = Mutex::new(Vec::new());

pub fn main() {
    in_threads(|stream, _| {
        let max = option("--max", 100);
        let Some(_place) = Place::take(&TAKEN, max) else {
            REFUSED.lock().unwrap().push(stream.try_clone()?);
            return send(stream, FULL);
        };
        session(stream)
    });
}
