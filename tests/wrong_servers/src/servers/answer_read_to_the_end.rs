//! exercise: 03
//! verdict: NOT_CLOSED
//! Reads all that its player sends, until that ends its input.

use std::io::Read;

use wrong_servers::{GREETING, in_numbered_threads, number_line, send};

pub fn main() {
    in_numbered_threads(|mut stream, peer, number| {
        send(stream, &(GREETING.to_owned() + &number_line(number)))?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        println!("{peer} said: {}", answer.escape_ascii());
        Ok(())
    });
}
