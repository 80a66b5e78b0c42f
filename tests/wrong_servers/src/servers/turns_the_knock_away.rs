//! exercise: 08
//! verdict: NO_CLEAN_EXIT; windows PASS
//! Looks for a free place before it looks at the flag: a full house turns the knock away.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{FULL, Place, bind, next_client, option, report, say_ready, send, session};

static STOPPING: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicUsize = AtomicUsize::new(0);

pub fn main() {
    let max = option("--max", 100);
    let listener = bind();
    let own_address = listener.local_addr().unwrap();
    ctrlc::set_handler(move || {
        STOPPING.store(true, SeqCst);
        let _ = TcpStream::connect(own_address);
    })
    .unwrap();
    say_ready(&listener);
    loop {
        let (stream, peer) = next_client(&listener);
        let Some(place) = Place::take(&TAKEN, max) else {
            report(peer, send(&stream, FULL));
            continue;
        };
        if STOPPING.load(SeqCst) {
            break;
        }
        thread::spawn(move || {
            let _place = place;
            report(peer, session(&stream));
        });
    }
}
