//! exercise: 02
//! verdict: NOT_CLOSED
//! Says `Too slow!` again and again, because its loop is not left.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(patience))?;
        loop {
            match stream.read(&mut [0; 1024]) {
                Ok(length) => {
                    println!("{peer} said {length} bytes");
                    return Ok(());
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    send(stream, TOO_SLOW)?
                }
                Err(error) => return Err(error),
            }
        }
    });
}
