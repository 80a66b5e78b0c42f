//! exercise: 02
//! verdict: WRONG_REPLY
//! Says `Too slow!` to those who have answered in time as well.

use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        let _ = hear(stream, peer);
        send(stream, TOO_SLOW)
    });
}
