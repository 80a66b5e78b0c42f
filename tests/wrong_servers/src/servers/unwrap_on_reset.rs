//! exercise: 01
//! verdict: DIED
//! Panics in `main` when a client resets its connection.

use wrong_servers::{in_turn, receive, send, upper};

pub fn main() {
    in_turn(|stream, _| {
        while let Some(message) = receive(stream).unwrap() {
            send(stream, &upper(&message)).unwrap();
        }
        Ok(())
    });
}
