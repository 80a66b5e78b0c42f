//! exercise: 10
//! verdict: UNBOUNDED
//! Has an outbox without a limit for each guest.

use std::sync::mpsc::channel;

use wrong_servers::{Room, empty_outbox};

pub fn main() {
    Room::RIGHT.open(
        |stream| {
            let (outbox, lines) = channel();
            empty_outbox(stream, lines);
            outbox
        },
        |outbox, line| outbox.send(line.to_owned()).is_ok(),
    );
}
