//! exercise: 08
//! verdict: DIED
//! One client says `--quit--`, and the whole server ends.

use std::process;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        while let Some(message) = receive(stream)? {
            if is_quit(&message) {
                process::exit(0);
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
