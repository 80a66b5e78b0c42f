//! exercise: 02
//! verdict: CLOSED_EARLY
//! Prints `Too slow!` on its own console instead of sending it.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(patience))?;
        match stream.read(&mut [0; 1024]) {
            Ok(length) => println!("{peer} said {length} bytes"),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                print!("{TOO_SLOW}")
            }
            Err(error) => return Err(error),
        }
        Ok(())
    });
}
