//! exercise: 05
//! verdict: NO_CLEAN_EXIT
//! Joins its threads at Ctrl-C and leaves their sockets open, so that idle clients keep it.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;

use wrong_servers::{FULL, bind, next_client, option, report, say_ready, send, session};

static STOPPING: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let max = option("--max", 100);
    let listener = bind();
    let own_address = listener.local_addr().unwrap();
    ctrlc::set_handler(move || {
        STOPPING.store(true, SeqCst);
        let _ = TcpStream::connect(own_address);
    })
    .unwrap();
    say_ready(&listener);

    let mut handlers = Vec::new();
    while !STOPPING.load(SeqCst) {
        let (stream, peer) = next_client(&listener);
        handlers.push(thread::spawn(move || {
            let full = TAKEN.fetch_add(1, SeqCst) >= max;
            report(peer, if full { send(&stream, FULL) } else { session(&stream) });
            TAKEN.fetch_sub(1, SeqCst);
        }));
    }
    for handler in handlers {
        let _ = handler.join();
    }
}
