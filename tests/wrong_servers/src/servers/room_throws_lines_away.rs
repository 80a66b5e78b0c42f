//! exercise: 10
//! verdict: NOT_CLOSED
//! Throws lines away when an outbox is full, and its guest keeps its place.

use wrong_servers::{Room, outbox};

pub fn main() {
    Room::RIGHT.open(
        |stream| outbox(stream, 100),
        |outbox, line| {
            let _ = outbox.try_send(line.to_owned());
            true
        },
    );
}
