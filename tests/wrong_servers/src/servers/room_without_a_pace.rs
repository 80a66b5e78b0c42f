//! exercise: 10
//! verdict: CLOSED_EARLY
//! Takes the lines of a guest as fast as they come: the outboxes of those who read are soon full.

use wrong_servers::{Room, hasty_guest_lines, outbox};

pub fn main() {
    let room = Room { read_lines: hasty_guest_lines, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
