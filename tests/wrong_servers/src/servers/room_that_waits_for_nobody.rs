//! exercise: 10
//! verdict: PASS
//! Right: writes under the lock, but for 20 ms at the most; after that the guest is out.

use std::time::Duration;

use wrong_servers::{Room, send};

pub fn main() {
    Room::RIGHT.open(
        |stream| {
            let _ = stream.set_write_timeout(Some(Duration::from_millis(20)));
            stream
        },
        |stream, line| send(stream, line).is_ok(),
    );
}
