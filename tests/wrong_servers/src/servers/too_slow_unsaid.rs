//! exercise: 02
//! verdict: CLOSED_EARLY
//! Lets a slow client go without a word: the time-out is an error like any other.

use std::time::Duration;

use wrong_servers::{GREETING, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        hear(stream, peer)
    });
}
