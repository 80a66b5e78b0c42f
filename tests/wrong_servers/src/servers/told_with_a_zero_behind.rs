//! exercise: 02
//! verdict: WRONG_REPLY
//! Sends the zero at the end of a string in C behind `Too slow!`.

use std::io::ErrorKind::{TimedOut, WouldBlock};
use std::time::Duration;

use wrong_servers::{GREETING, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        match hear(stream, peer) {
            Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => {
                send(stream, "Too slow!\n\0")
            }
            heard => heard,
        }
    });
}
