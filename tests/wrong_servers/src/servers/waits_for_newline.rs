//! exercise: 01
//! verdict: NEVER_ANSWERED
//! Waits for the end of the line, which clients of this system never send.

use wrong_servers::{in_turn, lines, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        for line in lines(stream) {
            send(stream, &upper(line?.as_bytes()))?;
        }
        Ok(())
    });
}
