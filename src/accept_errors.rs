//! Going on when `accept` fails.

use std::io;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::{reason, say};

/// How long a server waits before it tries again. Without a pause a full descriptor table would
/// keep one core busy, because accept(2) fails at once and the client stays in the backlog.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// How often the same trouble is worth a line.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Reports that `accept` failed, as [`report`] does, and waits for 50 ms before the next try.
///
/// accept(2) fails for a client that gave up while it waited (`ECONNABORTED`) and for as long as
/// the process or the machine has no descriptor left (`EMFILE`, `ENFILE`). Neither ends a server:
/// descriptors come back when clients leave.
pub fn report_and_wait(error: &io::Error) {
    report(error);
    thread::sleep(RETRY_PAUSE);
}

/// Reports that `accept` failed, in one line and once a second at the most.
pub fn report(error: &io::Error) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    if let Ok(mut last) = LAST.lock() {
        if last.is_none_or(|last| last.elapsed() >= REPORT_EVERY) {
            say!("cannot accept the next client: {}; trying again", reason(error));
            *last = Some(Instant::now());
        }
    }
}
