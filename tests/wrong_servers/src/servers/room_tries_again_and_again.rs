//! exercise: 10
//! verdict: STALLED
//! Tries ten times to put a line into a full outbox, and sleeps in between, under the lock.

use std::thread;
use std::time::Duration;

use wrong_servers::{Room, outbox};

pub fn main() {
    Room::RIGHT.open(
        |stream| outbox(stream, 100),
        |outbox, line| {
            (0..10).any(|_| {
                outbox.try_send(line.to_owned()).is_ok() || {
                    thread::sleep(Duration::from_millis(100));
                    false
                }
            })
        },
    );
}
