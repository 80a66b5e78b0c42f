//! exercise: 02
//! verdict: SPINS; macos PASS; windows PASS
//! Asks a non-blocking socket again and again until its patience is over.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use wrong_servers::{GREETING, TOO_SLOW, in_turn, option, send};

pub fn main() {
    let patience = Duration::from_secs_f64(option("--patience", 10.0));
    in_turn(|mut stream, peer| {
        send(stream, GREETING)?;
        stream.set_nonblocking(true)?;
        let start = Instant::now();
        loop {
            match stream.read(&mut [0; 1024]) {
                Ok(length) => {
                    println!("{peer} said {length} bytes");
                    return Ok(());
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                Err(_) if start.elapsed() > patience => return send(stream, TOO_SLOW),
                Err(_) => {}
            }
        }
    });
}
