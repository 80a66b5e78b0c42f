//! exercise: 08
//! verdict: WRONG_REPLY
//! Answers with `OK` instead of `-`.

use std::io::Result;
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, assert_harmless, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        converse(stream)
    });
}

fn converse(stream: &TcpStream) -> Result<()> {
    while let Some(message) = receive(stream)? {
        if is_quit(&message) {
            break;
        }
        assert_harmless(&message);
        send(stream, "OK")?;
    }
    Ok(())
}
