//! exercise: 10
//! verdict: STALLED
//! Has a bounded outbox for each guest, and waits under the lock until it has room: `send`.

use wrong_servers::{Room, outbox};

pub fn main() {
    Room::RIGHT
        .open(|stream| outbox(stream, 100), |outbox, line| outbox.send(line.to_owned()).is_ok());
}
