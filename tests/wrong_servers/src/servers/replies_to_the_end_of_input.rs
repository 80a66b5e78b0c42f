//! exercise: 08
//! verdict: SPINS
//! Takes the end of input for an empty message, and replies until the client is gone.

use std::io::Read;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, assert_harmless, in_threads, is_quit, option, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |mut stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        let mut buffer = [0; 5120];
        loop {
            let length = stream.read(&mut buffer)?;
            if is_quit(&buffer[..length]) {
                return Ok(());
            }
            assert_harmless(&buffer[..length]);
            send(stream, "-")?;
        }
    });
}
