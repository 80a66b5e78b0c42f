//! exercise: 02
//! verdict: WRONG_REPLY
//! Says `Too slow!` without its newline.

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
                send(stream, TOO_SLOW.trim_end())?
            }
            Err(error) => return Err(error),
        }
        Ok(())
    });
}
