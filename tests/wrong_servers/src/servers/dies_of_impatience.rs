//! exercise: 02
//! verdict: DIED
//! Panics when its patience is at an end.

use std::time::Duration;

use wrong_servers::{GREETING, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        hear(stream, peer).unwrap();
        Ok(())
    });
}
