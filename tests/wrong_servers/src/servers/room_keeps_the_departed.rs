//! exercise: 10
//! verdict: NOT_CLOSED
//! Keeps those who have left in the room, and with them their sockets.

use wrong_servers::{Room, outbox};

pub fn main() {
    let room = Room { removes: false, closes: false, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
