//! exercise: 07
//! verdict: LOCK_HELD
//! The guard of an `if let` on `lock()` lives to the end of its body.

use std::ops::RangeFrom;
use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static NUMBERS: Mutex<RangeFrom<u64>> = Mutex::new(1..);

pub fn main() {
    in_threads(|stream, peer| {
        if let Some(number) = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner).next() {
            print_record(&format!("client {number}: {peer}"));
            while let Some(message) = receive(stream)? {
                print_record(&String::from_utf8_lossy(&message));
                send(stream, &reversed(&message))?;
            }
        }
        Ok(())
    });
}
