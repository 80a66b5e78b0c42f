//! exercise: 10
//! verdict: NEVER_ANSWERED
//! Does not tell the others that a guest has come.

use wrong_servers::{Room, outbox};

pub fn main() {
    let room = Room { tells_arrivals: false, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
