//! exercise: 05
//! verdict: CLOSED_EARLY
//! Reads with `lines`, which returns an error for bytes that are not UTF-8.

use std::io::{BufRead, BufReader};

use wrong_servers::{in_threads, is_quit, send};

pub fn main() {
    in_threads(|stream, _| {
        for line in BufReader::new(stream).lines() {
            if is_quit(line?.as_bytes()) {
                break;
            }
            send(stream, "-")?;
        }
        Ok(())
    });
}
