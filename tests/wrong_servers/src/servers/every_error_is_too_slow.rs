//! exercise: 02
//! verdict: WRONG_REPLY
//! Takes every error for the end of its patience, a reset too.

use std::io::Read;
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        stream.set_read_timeout(Some(patience))?; // first: macOS refuses it after a reset
        send(stream, GREETING)?;
        match stream.read(&mut [0; 1024]) {
            Ok(length) => println!("{peer} said {length} bytes"),
            Err(_) => {
                println!("{peer} was too slow");
                send(stream, TOO_SLOW)?;
            }
        }
        Ok(())
    });
}
