//! exercise: 08
//! verdict: NO_CLEAN_EXIT; windows PASS
//! Joins its threads at Ctrl-C and leaves their sockets open, so that idle clients keep it.

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

    let mut handlers = Vec::new();
    while !STOPPING.load(SeqCst) {
        let (stream, peer) = next_client(&listener);
        handlers.push(thread::spawn(move || {
            report(
                peer,
                match Place::take(&TAKEN, max) {
                    Some(_place) => session(&stream),
                    None => send(&stream, FULL),
                },
            );
        }));
    }
    for handler in handlers {
        let _ = handler.join();
    }
}
