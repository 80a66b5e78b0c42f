//! exercise: 10
//! verdict: POISONED
//! Calls `unwrap` on the result of `try_send`: the thread of the guest that speaks panics.

use wrong_servers::{Room, outbox};

pub fn main() {
    Room::RIGHT.open(
        |stream| outbox(stream, 100),
        |outbox, line| {
            outbox.try_send(line.to_owned()).unwrap();
            true
        },
    );
}
