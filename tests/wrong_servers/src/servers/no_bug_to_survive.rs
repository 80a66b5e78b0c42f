//! exercise: 08
//! verdict: NO_PANIC
//! Has taken the bug out, so that no message makes a handler panic.

use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        while let Some(message) = receive(stream)? {
            if is_quit(&message) {
                break;
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
