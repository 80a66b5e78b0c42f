//! exercise: 05
//! verdict: PASS
//! Right, and takes 300 ms for everything.

use std::io::Result;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use wrong_servers::{FULL, in_threads, is_quit, option, receive, send};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        thread::sleep(Duration::from_millis(300));
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
        thread::sleep(Duration::from_millis(300));
        if is_quit(&message) {
            break;
        }
        send(stream, "-")?;
    }
    Ok(())
}
