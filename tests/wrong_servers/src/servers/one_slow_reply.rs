//! exercise: 07
//! verdict: PASS
//! Right, and the second client's first reply takes 2.5 s: it waits for nobody, it is only slow.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CLIENTS: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    in_threads(|stream, _| {
        let mut is_slow = CLIENTS.fetch_add(1, SeqCst) == 1;
        while let Some(message) = receive(stream)? {
            let text = String::from_utf8_lossy(&message);
            if std::mem::take(&mut is_slow) {
                thread::sleep(Duration::from_millis(2500));
            }
            print_record(&text);
            send(stream, &reversed(&message))?;
        }
        Ok(())
    });
}
