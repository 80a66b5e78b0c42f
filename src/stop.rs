//! Stopping at Ctrl-C, and at SIGTERM and SIGHUP where there are such signals.

use std::io::{self, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::say;

/// The exit status after a second Ctrl-C: 128 and the number of SIGINT, as shells have it.
const ENDED_BY_FORCE: i32 = 130;

/// How long a line may take while the server stops. Printing waits for ever when standard output is a
/// full pipe that nobody reads, or a terminal that has been halted (Ctrl-S).
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Whether Ctrl-C has been pressed: what [`pause`] looks at, and what it waits on.
static STOPPING: Mutex<bool> = Mutex::new(false);
static WOKEN: Condvar = Condvar::new();

/// Sleeps for `time`, or until Ctrl-C is pressed; afterwards it does not sleep at all.
pub fn pause(time: Duration) {
    if !time.is_zero() {
        let stopping = STOPPING.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = WOKEN.wait_timeout_while(stopping, time, |stopping| !*stopping);
    }
}

/// Calls `action` at the first Ctrl-C, with the address at which the server reaches itself; a
/// second Ctrl-C ends the process at once, with status 130.
///
/// That address is the listener's own, or loopback when it listens on every interface. For `action`
/// a descriptor is kept in reserve, because connecting takes one and at the limit there is none
/// left. It runs on a thread of its own, so it may lock, print and connect.
///
/// # Errors
/// When the listener's own address cannot be read, its descriptor cannot be doubled, or no handler can
/// be set.
pub fn on_ctrl_c(
    listener: &TcpListener,
    action: impl FnOnce(SocketAddr) + Send + 'static,
) -> io::Result<()> {
    let own_address = own_address(listener)?;
    let spare = listener.try_clone()?;
    handle_signals(move || {
        drop(spare);
        action(own_address);
    })
}

fn handle_signals(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut first = Some(action);
    let set = ctrlc::set_handler(move || match first.take() {
        Some(action) => {
            *STOPPING.lock().unwrap_or_else(PoisonError::into_inner) = true;
            WOKEN.notify_all();
            if io::stdout().is_terminal() {
                in_time(|| say!("")); // ends the line on which the terminal has shown ^C
            }
            action();
        }
        None => process::exit(ENDED_BY_FORCE),
    });
    set.map_err(|error| {
        let sentence = "no handler for Ctrl-C could be set, because descriptors or threads have run \
                        out: end some programs and start again";
        io::Error::other(format!("{sentence} ({error})"))
    })
}

fn own_address(listener: &TcpListener) -> io::Result<SocketAddr> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    Ok(address)
}

/// Makes Ctrl-C end the process at once, with status 0 and a line that says how many clients were
/// served.
///
/// This is enough for a server whose clients lose no more than one reply (labs 01 to 04). Lab 05
/// shows the rest.
///
/// # Errors
/// When no handler can be set.
pub fn stop_at_once() -> io::Result<Served> {
    let served = Served::default();
    let total = served.clone();
    handle_signals(move || {
        end_process(total.0.load(Ordering::Relaxed));
    })?;
    Ok(served)
}

/// Ends the process with status 0, and with the closing line if the console takes it in time.
pub(crate) fn end_process(served: usize) -> ! {
    in_time(move || say_stopped(served));
    process::exit(0)
}

/// Prints on a thread of its own, and waits for 0.2 s at the most, because the console may be stuck.
fn in_time(print: impl FnOnce() + Send + 'static) {
    let (said, wait) = mpsc::channel();
    let speaker = thread::Builder::new().spawn(move || {
        print();
        let _ = said.send(());
    });
    if speaker.is_ok() {
        let _ = wait.recv_timeout(LAST_WORDS);
    }
}

/// How many clients a server has accepted so far.
#[derive(Debug, Clone, Default)]
pub struct Served(Arc<AtomicUsize>);

impl Served {
    /// Counts one more client.
    pub fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The last line of every server; it is printed once.
pub fn say_stopped(served: usize) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if SAID.swap(true, Ordering::Relaxed) {
        return;
    }
    match served {
        1 => say!("server stopped; 1 client served"),
        _ => say!("server stopped; {served} clients served"),
    }
}

/// The flag and the waking connection that lab 05 builds in the open.
#[derive(Debug, Clone)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Makes Ctrl-C raise the flag and then connect to `listener`, so that a blocked `accept`
    /// returns.
    ///
    /// # Errors
    /// As [`on_ctrl_c`].
    pub fn at_ctrl_c(listener: &TcpListener) -> io::Result<Self> {
        let stop = Self(Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&stop.0);
        on_ctrl_c(listener, move |own_address| {
            flag.store(true, Ordering::SeqCst);
            let _ = TcpStream::connect(own_address);
        })?;
        Ok(stop)
    }

    /// Whether the server has been asked to stop.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_interface_reaches_itself_by_loopback() -> io::Result<()> {
        for (bound, reached) in
            [("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "::1"), ("127.0.0.1:0", "127.0.0.1")]
        {
            let listener = TcpListener::bind(bound)?;
            let address = own_address(&listener)?;
            assert_eq!(address.ip().to_string(), reached);
            assert_eq!(address.port(), listener.local_addr()?.port());
        }
        Ok(())
    }
}
