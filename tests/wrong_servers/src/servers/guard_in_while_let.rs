//! exercise: 07
//! verdict: LOCK_HELD
//! The guard of a `while let` on `lock()` lives to the end of its body.

use std::ops::RangeFrom;
use std::sync::{Mutex, PoisonError};

use wrong_servers::{in_threads, print_record, receive, reversed, send, upper};

static NUMBERS: Mutex<RangeFrom<u64>> = Mutex::new(1..);

pub fn main() {
    in_threads(|stream, peer| {
        while let Some(number) = NUMBERS.lock().unwrap_or_else(PoisonError::into_inner).next() {
            let Some(message) = receive(stream)? else { break };
            print_record(&format!("{peer}, message {number}: {}", upper(&message)));
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
