//! exercise: 02
//! verdict: NOT_CLOSED
//! Tells a slow client, ends its output, and reads until the client closes too, however long that takes.

use std::io::{ErrorKind, Read, Result};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, hear, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(patience))?;
        match hear(stream, peer) {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                send(stream, TOO_SLOW)?;
                hang_up(stream)
            }
            ended => ended,
        }
    });
}

/// The cure of lab 04, without a limit.
fn hang_up(mut stream: &TcpStream) -> Result<()> {
    stream.set_read_timeout(None)?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}
