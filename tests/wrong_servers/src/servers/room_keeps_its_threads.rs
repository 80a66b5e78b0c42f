//! exercise: 10
//! verdict: NOT_CLOSED; macos PASS; windows PASS
//! Keeps a sending end of every outbox: the threads that empty them never end.

use std::sync::Mutex;
use std::sync::mpsc::SyncSender;

use wrong_servers::{Room, outbox};

static ALL: Mutex<Vec<SyncSender<String>>> = Mutex::new(Vec::new());

pub fn main() {
    Room::RIGHT.open(
        |stream| {
            let outbox = outbox(stream, 100);
            ALL.lock().unwrap().push(outbox.clone());
            outbox
        },
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
