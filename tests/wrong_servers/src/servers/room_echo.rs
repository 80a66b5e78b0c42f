//! exercise: 10
//! verdict: WRONG_REPLY
//! Tells a guest what it has said itself.

use wrong_servers::{Room, outbox};

pub fn main() {
    let room = Room { tells_the_speaker: true, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
