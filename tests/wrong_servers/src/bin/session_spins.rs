//! exercise: 05
//! verdict: SPINS
//! Does not look for the end of input: the thread of a client that left never ends.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, in_threads, is_quit, option, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |mut stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, FULL);
        }
        let mut buffer = [0; 5120];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => continue,
                Ok(length) if !is_quit(&buffer[..length]) => send(stream, "-")?,
                ended => {
                    TAKEN.fetch_sub(1, SeqCst);
                    return ended.map(drop);
                }
            }
        }
    });
}
