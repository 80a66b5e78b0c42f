//! exercise: 02
//! verdict: NOT_CLOSED
//! Says `Too slow!` to a slow client, and goes on waiting for it.

use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        if hear(stream, peer).is_err() {
            send(stream, TOO_SLOW)?;
            stream.set_read_timeout(None)?;
            hear(stream, peer)?;
        }
        Ok(())
    });
}
