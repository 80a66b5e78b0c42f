//! exercise: 07
//! verdict: LOCK_HELD
//! The guard of a `match` on `lock()` lives to the end of the `match`.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CONSOLE: Mutex<BTreeSet<std::net::SocketAddr>> = Mutex::new(BTreeSet::new());

pub fn main() {
    in_threads(|stream, peer| {
        match CONSOLE.lock().unwrap_or_else(PoisonError::into_inner).insert(peer) {
            true => {
                while let Some(message) = receive(stream)? {
                    print_record(&String::from_utf8_lossy(&message));
                    send(stream, &reversed(&message))?;
                }
                Ok(())
            }
            false => Ok(()),
        }
    });
}
