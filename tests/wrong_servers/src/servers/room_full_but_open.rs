//! exercise: 10
//! verdict: NOT_CLOSED
//! Takes a guest whose outbox is full out of the room, and does not close its connection.

use wrong_servers::{Room, outbox};

pub fn main() {
    let room = Room { closes: false, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
