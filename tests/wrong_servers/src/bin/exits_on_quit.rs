//! exercise: 05
//! verdict: DIED
//! One client says `--quit--`, and the whole server ends.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, FULL);
        }
        while let Some(message) = receive(stream)? {
            if is_quit(&message) {
                process::exit(0);
            }
            send(stream, "-")?;
        }
        TAKEN.fetch_sub(1, SeqCst);
        Ok(())
    });
}
