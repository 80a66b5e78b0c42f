//! exercise: 08
//! verdict: PASS
//! Right: at Ctrl-C it waits for its threads, each of which looks at a flag once a second.

use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use wrong_servers::{FULL, Place, assert_harmless, in_threads, is_quit, option, send};

static STOPPING: AtomicBool = AtomicBool::new(false);
static TAKEN: AtomicUsize = AtomicUsize::new(0);
static SERVED: Mutex<usize> = Mutex::new(0);
static LEFT: Condvar = Condvar::new();

/// One that is served.
struct Served;

impl Served {
    fn begin() -> Self {
        *SERVED.lock().unwrap() += 1;
        Self
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        *SERVED.lock().unwrap() -= 1;
        LEFT.notify_all();
    }
}

pub fn main() {
    let max = option("--max", 100);
    ctrlc::set_handler(|| {
        STOPPING.store(true, SeqCst);
        let served = SERVED.lock().unwrap();
        let _served = LEFT.wait_while(served, |served| *served > 0);
        process::exit(0);
    })
    .unwrap();
    in_threads(move |stream, _| {
        let _served = Served::begin();
        let Some(_place) = Place::take(&TAKEN, max) else { return send(stream, FULL) };
        serve(stream)
    });
}

fn serve(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    while !STOPPING.load(SeqCst) {
        let mut message = [0; 1024];
        match stream.read(&mut message) {
            Ok(length) if length == 0 || is_quit(&message[..length]) => break,
            Ok(length) => {
                assert_harmless(&message[..length]);
                send(stream, "-")?;
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
