//! exercise: 08
//! verdict: PASS
//! Right, and takes 150 ms for everything.

use std::io::Result;
use std::net::TcpStream;
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::Duration;

use wrong_servers::{
    FULL, Place, assert_harmless, exit_at_ctrl_c, in_threads, is_quit, option, receive, send,
};

static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    exit_at_ctrl_c();
    let max = option("--max", 100);
    in_threads(move |stream, _| {
        thread::sleep(Duration::from_millis(150));
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        converse(stream)
    });
}

fn converse(stream: &TcpStream) -> Result<()> {
    while let Some(message) = receive(stream)? {
        thread::sleep(Duration::from_millis(150));
        if is_quit(&message) {
            break;
        }
        assert_harmless(&message);
        send(stream, "-")?;
    }
    Ok(())
}
