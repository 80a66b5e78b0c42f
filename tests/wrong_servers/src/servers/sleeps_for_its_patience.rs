//! exercise: 02
//! verdict: NOT_CLOSED
//! Sleeps for as long as its patience lasts, and looks for an answer then.

use std::io::{ErrorKind, Read};
use std::thread;
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        send(stream, GREETING)?;
        thread::sleep(patience);
        stream.set_nonblocking(true)?;
        match stream.read(&mut [0; 1024]) {
            Ok(length) => println!("{peer} said {length} bytes"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => send(stream, TOO_SLOW)?,
            Err(error) => return Err(error),
        }
        Ok(())
    });
}
