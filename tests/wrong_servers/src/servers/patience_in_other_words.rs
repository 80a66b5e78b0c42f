//! exercise: 02
//! verdict: PASS
//! Right, and words its console in another language.

use std::io::ErrorKind;
use std::time::Duration;

use wrong_servers::{GREETING, TOO_SLOW, hear, in_turn, option, send};

pub fn main() {
    in_turn(|stream, peer| {
        send(stream, GREETING)?;
        stream.set_read_timeout(Some(Duration::from_secs_f64(option("--patience", 10.0))))?;
        if let Err(error) = hear(stream, peer) {
            if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
                return Err(error);
            }
            println!("{peer} hat zu lange gebraucht");
            send(stream, TOO_SLOW)?;
        }
        Ok(())
    });
}
