//! exercise: 02
//! verdict: WRONG_REPLY
//! Takes every read without an answer for one that was too slow: `read(…).unwrap_or(0)`.

use std::io::Read;
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(patience))?;
        match stream.read(&mut [0; 1024]).unwrap_or(0) {
            0 => send(stream, TOO_SLOW),
            length => {
                println!("{peer} said {length} bytes");
                Ok(())
            }
        }
    });
}
