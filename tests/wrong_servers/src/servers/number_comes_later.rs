//! exercise: 03
//! verdict: PASS
//! Right, and sends the second line 300 ms after the first.

use std::thread;
use std::time::Duration;

use wrong_servers::{GREETING, hear, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        send(stream, GREETING)?;
        thread::sleep(Duration::from_millis(300));
        send(stream, &number_line(number))?;
        hear(stream, peer)
    });
}
