//! exercise: 08
//! verdict: CLOSED_EARLY
//! Finds the quit word within other words, and ends the session.

use std::io::Result;
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;

use wrong_servers::{FULL, Place, in_threads, option, receive, send};

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
        if String::from_utf8_lossy(&message).contains("--quit--") {
            break;
        }
        send(stream, "-")?;
    }
    Ok(())
}
