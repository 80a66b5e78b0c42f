//! exercise: 08
//! verdict: LEAKED_PLACE
//! Counts down at the end of the function that serves, which a panic passes by.

use std::io::Result;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use wrong_servers::{FULL, assert_harmless, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        if TAKEN.fetch_add(1, SeqCst) >= max {
            TAKEN.fetch_sub(1, SeqCst);
            return send(stream, FULL);
        }
        let ended = converse(stream);
        TAKEN.fetch_sub(1, SeqCst);
        ended
    });
}

fn converse(stream: &TcpStream) -> Result<()> {
    while let Some(message) = receive(stream)? {
        if is_quit(&message) {
            break;
        }
        assert_harmless(&message);
        send(stream, "-")?;
    }
    Ok(())
}
