//! exercise: 10
//! verdict: STALLED
//! Writes to every guest under the lock of the room.

use wrong_servers::{Room, send};

pub fn main() {
    Room::RIGHT.open(|stream| stream, |stream, line| send(stream, line).is_ok());
}
