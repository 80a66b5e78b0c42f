//! exercise: 05
//! verdict: CLOSED_EARLY
//! Makes a `char` of each byte, so that letters of two bytes count twice in the length of a line.

use std::io::{BufReader, Read};

use wrong_servers::{in_threads, send};

pub fn main() {
    in_threads(|stream, _| {
        let mut line = String::new();
        for byte in BufReader::new(stream).bytes() {
            line.push(byte? as char);
            if line.ends_with('\n') {
                if line.trim_end() == "--quit--" {
                    break;
                }
                send(stream, "-")?;
                line.clear();
            } else if line.len() >= 5120 {
                break;
            }
        }
        Ok(())
    });
}
