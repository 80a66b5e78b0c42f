//! exercise: 08
//! verdict: SPINS; macos LEAKED_PLACE; windows LEAKED_PLACE
//! Does not look for the end of input: the thread of a client that left never ends.

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
            match stream.read(&mut buffer)? {
                0 => continue,
                length if is_quit(&buffer[..length]) => return Ok(()),
                length => {
                    assert_harmless(&buffer[..length]);
                    send(stream, "-")?;
                }
            }
        }
    });
}
