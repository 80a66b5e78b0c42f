//! exercise: 02
//! verdict: WRONG_REPLY
//! Tells a slow client something else than `Too slow!`.

use std::time::Duration;

use wrong_servers::{GREETING, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        if hear(stream, peer).is_err() {
            send(stream, "Too late!\n")?;
        }
        Ok(())
    });
}
