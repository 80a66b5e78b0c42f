//! exercise: 05
//! verdict: WRONG_REPLY
//! Takes what `split` returns at the end of input for a line.

use std::io::{BufRead, BufReader};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        for line in BufReader::new(stream).split(b'\n') {
            if is_quit(&line?) {
                break;
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
