//! Ctrl-C: ending the process at once (all labs but 08), or calling a lesson's own way of stopping
//! (lab 08).

use std::io::{self, IsTerminal, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::process;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::listener_address::own_address;
use crate::{reason, say};

/// The exit status after a second Ctrl-C: 128 and the number of SIGINT, as shells have it.
const ENDED_AT_ONCE: i32 = 130;

/// How long printing the last line may take. It would wait for ever when standard output is a full
/// pipe that no program reads, or a terminal that has been halted (Ctrl-S).
const CONSOLE_TIMEOUT: Duration = Duration::from_secs(1);

/// Makes Ctrl-C print `server stopped` and end the process with status 0.
///
/// Every thread ends with the process, wherever it stands, and the kernel closes its sockets.
///
/// # Errors
/// When no handler can be set, or no thread started.
pub fn exit_at_ctrl_c() -> io::Result<()> {
    set_handler(exit_with("server stopped", 0).map_err(cannot_stop)?)
}

/// Calls `action` at the first Ctrl-C, with the address at which the server reaches itself: the
/// listener's own, or loopback when it listens on every interface.
///
/// `action` runs on a thread of its own, so it may lock, print and connect; one descriptor is kept in
/// reserve for that. Nothing else happens at the first Ctrl-C. A second one ends the process at once,
/// with status 130 and a line that says so.
///
/// # Errors
/// When the listener's address cannot be read, no handler can be set, no thread started, or no
/// descriptor is left.
pub fn on_ctrl_c(
    listener: &TcpListener,
    action: impl FnOnce(SocketAddr) + Send + 'static,
) -> io::Result<()> {
    let own_address = own_address(listener)?;
    let mut end_at_once =
        exit_with("Ctrl-C again: the server ends at once", ENDED_AT_ONCE).map_err(cannot_stop)?;
    let reserve = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(cannot_stop)?;
    let (press, pressed) = mpsc::channel();
    let waiting = move || {
        if pressed.recv().is_ok() {
            drop(reserve);
            end_echo();
            action(own_address);
        }
    };
    ctrl_c_thread().spawn(waiting).map_err(cannot_stop)?;
    let mut first = Some(press);
    set_handler(move || match first.take() {
        Some(press) => drop(press.send(())),
        None => end_at_once(),
    })
}

/// Prepares the end of the process: calling what is returned prints `line` and exits with `status`.
///
/// The thread that prints is started now: at the limit of threads none could be started later.
fn exit_with(line: &'static str, status: i32) -> io::Result<impl FnMut() + Send> {
    let (press, pressed) = mpsc::channel();
    ctrl_c_thread().spawn(move || {
        if pressed.recv().is_ok() {
            // Never unlocked again, so that no other thread prints behind the last line.
            let mut stdout = io::stdout().lock();
            end_echo();
            let _ = writeln!(stdout, "{line}");
            process::exit(status);
        }
    })?;
    Ok(move || {
        let _ = press.send(());
        thread::sleep(CONSOLE_TIMEOUT);
        process::exit(status);
    })
}

/// Ends the line on which a terminal has shown `^C`.
fn end_echo() {
    if io::stdout().is_terminal() {
        say!("");
    }
}

/// Named as the crate `ctrlc` names its own thread.
fn ctrl_c_thread() -> thread::Builder {
    thread::Builder::new().name("ctrl-c".to_owned())
}

fn set_handler(handler: impl FnMut() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(handler).map_err(|error| cannot_stop(io::Error::other(error.to_string())))
}

fn cannot_stop(error: io::Error) -> io::Error {
    let why = reason(&error);
    io::Error::other(format!(
        "no handler for Ctrl-C can be set ({why}): end some programs and start this one again"
    ))
}
