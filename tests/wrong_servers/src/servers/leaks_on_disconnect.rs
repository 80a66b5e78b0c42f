//! exercise: 08
//! verdict: LEAKED_PLACE
//! Gives a place back after `--quit--` only.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, FULL);
        }
        while let Some(message) = receive(stream)? {
            if is_quit(&message) {
                TAKEN.fetch_sub(1, SeqCst);
                break;
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
