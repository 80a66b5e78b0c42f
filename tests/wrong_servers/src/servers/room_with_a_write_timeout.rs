//! exercise: 10
//! verdict: STALLED; macos PASS; windows PASS
//! Writes under the lock, and gives up after 400 ms: all guests wait that long for one.

use std::time::Duration;

use wrong_servers::{Room, send};

pub fn main() {
    Room::RIGHT.open(
        |stream| {
            stream.set_write_timeout(Some(Duration::from_millis(400))).unwrap();
            stream
        },
        |stream, line| send(stream, line).is_ok(),
    );
}
