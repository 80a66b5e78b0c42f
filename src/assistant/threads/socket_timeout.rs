//! The timeout of a socket in which a thread waits: `SO_RCVTIMEO` and `SO_SNDTIMEO` (socket(7)).
//!
//! No file of `/proc` tells it. But Linux, from 5.6 on, lets a program that may look into another one
//! have a copy of its descriptor for a moment (pidfd_getfd(2)), and that can be asked.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Whether the system has refused.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Whether timeouts are seen. Some sandboxes refuse.
pub fn are_seen() -> bool {
    cfg!(target_os = "linux") && !REFUSED.load(Relaxed)
}

/// The timeout of this process's descriptor for reading, or for writing; nothing if it has none, is no socket, or is
/// not seen.
pub fn of(process: u32, descriptor: u64, for_writing: bool) -> Option<Duration> {
    if !are_seen() {
        return None;
    }
    match ask(process, descriptor, for_writing) {
        Ok(timeout) => timeout,
        Err(is_refused) => {
            REFUSED.fetch_or(is_refused, Relaxed);
            None
        }
    }
}

/// Asks the system; an error says whether it refuses in general.
#[cfg(target_os = "linux")]
fn ask(process: u32, descriptor: u64, for_writing: bool) -> Result<Option<Duration>, bool> {
    use rustix::io::Errno;
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};

    let refuses = |error| matches!(error, Errno::PERM | Errno::NOSYS);
    if !crate::process::system::has_sock_diag() {
        return Err(true);
    }
    let process = i32::try_from(process).ok().and_then(Pid::from_raw).ok_or(false)?;
    let descriptor = i32::try_from(descriptor).map_err(|_| false)?;
    let process = pidfd_open(process, PidfdFlags::empty()).map_err(refuses)?;
    let copy = pidfd_getfd(&process, descriptor, PidfdGetfdFlags::empty()).map_err(refuses)?;
    let socket = socket2::SockRef::from(&copy);
    // What is no socket has no timeout.
    let timeout = if for_writing { socket.write_timeout() } else { socket.read_timeout() };
    Ok(timeout.unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn ask(_: u32, _: u64, _: bool) -> Result<Option<Duration>, bool> {
    Err(true)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::net::UdpSocket;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_timeout_is_told_and_none_where_there_is_none() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let descriptor = u64::try_from(socket.as_raw_fd()).unwrap();
        let of = |for_writing| of(std::process::id(), descriptor, for_writing);
        assert_eq!(of(false), None);
        socket.set_read_timeout(Some(Duration::from_secs(7))).unwrap();
        if are_seen() {
            assert_eq!((of(false), of(true)), (Some(Duration::from_secs(7)), None));
        }
        assert_eq!(super::of(std::process::id(), 9999, false), None, "no descriptor");
    }
}
