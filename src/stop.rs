//! Stopping at Ctrl-C, and at SIGTERM and SIGHUP where there are such signals.

use std::io::{self, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{reason, say};

/// The exit status after a second Ctrl-C: 128 and the number of SIGINT, as shells have it.
const ENDED_BY_FORCE: i32 = 130;

/// When the process ends in any case, counted from Ctrl-C: nothing that a client, a network or a
/// console does may keep a server that has been told to stop.
const AT_THE_LATEST: Duration = Duration::from_millis(650);

/// How long the closing line may take then. Printing waits for ever when standard output is a full
/// pipe that nobody reads, or a terminal that has been halted (Ctrl-S).
const LAST_WORDS: Duration = Duration::from_millis(150);

/// How many clients have been served so far.
static SERVED: AtomicUsize = AtomicUsize::new(0);

/// Whether Ctrl-C has been pressed.
static STOPPING: AtomicBool = AtomicBool::new(false);

/// What [`pause`] waits on. The lock is held while the flag is raised, so that no pause misses it.
static PAUSING: Mutex<()> = Mutex::new(());
static WOKEN: Condvar = Condvar::new();

/// Whether Ctrl-C has been pressed: the flag of lab 05.
pub fn stopping() -> bool {
    STOPPING.load(Ordering::SeqCst)
}

/// Sleeps for `time`, or until Ctrl-C is pressed; afterwards it does not sleep at all.
pub fn pause(time: Duration) {
    if !time.is_zero() {
        let pausing = PAUSING.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = WOKEN.wait_timeout_while(pausing, time, |()| !stopping());
    }
}

/// Makes Ctrl-C raise the flag and then connect to `listener`, so that a blocked `accept` returns:
/// what lab 05 does in the open.
///
/// # Errors
/// As [`on_ctrl_c`].
pub fn wake_at_ctrl_c(listener: &TcpListener) -> io::Result<()> {
    // The flag has been raised before this is called.
    on_ctrl_c(listener, |own_address| drop(TcpStream::connect(own_address)))
}

/// Calls `action` at the first Ctrl-C, with the address at which the server reaches itself.
///
/// That address is the listener's own, or loopback when it listens on every interface. For `action`
/// a descriptor is kept in reserve, because connecting takes one and at the limit there is none
/// left. It runs on a thread of its own, so it may lock, print and connect.
///
/// Should the server not have ended 0.65 s later, the process ends with status 0: its console may be
/// stuck, or its own address gone. A second Ctrl-C ends it at once, with status 130.
///
/// # Errors
/// When the listener's own address cannot be read, its descriptor cannot be doubled, or no handler
/// can be set.
pub fn on_ctrl_c(
    listener: &TcpListener,
    action: impl FnOnce(SocketAddr) + Send + 'static,
) -> io::Result<()> {
    let own_address = own_address(listener)?;
    let spare = listener.try_clone().map_err(|error| cannot_stop(&reason(&error)))?;
    handle_signals(move || {
        drop(spare);
        action(own_address);
    })
}

/// ctrlc calls the handler on one thread for all signals, so the handler itself never waits.
fn handle_signals(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut first = Some(action);
    let set = ctrlc::set_handler(move || {
        let Some(action) = first.take() else { process::exit(ENDED_BY_FORCE) };
        let limit = thread::Builder::new().spawn(|| {
            thread::sleep(AT_THE_LATEST);
            end_process();
        });
        let stop = thread::Builder::new().spawn(|| {
            let pausing = PAUSING.lock().unwrap_or_else(PoisonError::into_inner);
            STOPPING.store(true, Ordering::SeqCst);
            drop(pausing);
            WOKEN.notify_all();
            if io::stdout().is_terminal() {
                say!(""); // ends the line on which the terminal has shown ^C
            }
            action();
        });
        if limit.is_err() || stop.is_err() {
            process::exit(0);
        }
    });
    set.map_err(|error| cannot_stop(&error.to_string()))
}

fn cannot_stop(why: &str) -> io::Error {
    io::Error::other(format!(
        "no handler for Ctrl-C can be set ({why}): end some programs and start this one again"
    ))
}

/// Ends the process with status 0, and with the closing line if the console takes it in time.
fn end_process() -> ! {
    let (said, wait) = mpsc::channel();
    let speaker = thread::Builder::new().spawn(move || {
        say_stopped();
        let _ = said.send(());
    });
    if speaker.is_ok() {
        let _ = wait.recv_timeout(LAST_WORDS);
    }
    process::exit(0)
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
    handle_signals(|| {
        say_stopped();
        process::exit(0);
    })?;
    Ok(Served(()))
}

/// Counts the clients of a server, for its closing line. There is one count in a process.
#[derive(Debug)]
pub struct Served(());

impl Served {
    /// Counts one more client.
    pub fn count(&self) {
        count_served();
    }
}

pub(crate) fn served_so_far() -> usize {
    SERVED.load(Ordering::Relaxed)
}

pub(crate) fn count_served() {
    SERVED.fetch_add(1, Ordering::Relaxed);
}

/// The last line of every server; it is printed once.
pub fn say_stopped() {
    static SAID: AtomicBool = AtomicBool::new(false);
    if SAID.swap(true, Ordering::Relaxed) {
        return;
    }
    match served_so_far() {
        1 => say!("server stopped; 1 client served"),
        served => say!("server stopped; {served} clients served"),
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
