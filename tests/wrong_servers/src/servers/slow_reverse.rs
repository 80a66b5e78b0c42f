//! exercise: 07
//! verdict: PASS
//! Right, and takes 150 ms for each reply.

use std::thread;
use std::time::Duration;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

pub fn main() {
    in_threads(|stream, _| {
        while let Some(message) = receive(stream)? {
            print_record(&String::from_utf8_lossy(&message));
            thread::sleep(Duration::from_millis(150));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
