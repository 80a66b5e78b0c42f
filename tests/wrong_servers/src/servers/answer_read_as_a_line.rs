//! exercise: 03
//! verdict: PASS
//! Right: reads the answer as a line.

use std::io::{BufRead, BufReader};

use wrong_servers::{GREETING, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|stream, peer, number| {
        send(stream, &(GREETING.to_owned() + &number_line(number)))?;
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer)?;
        println!("{peer} said: {}", answer.escape_debug());
        Ok(())
    });
}
