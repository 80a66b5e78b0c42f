//! Input that nobody read: counting it, and closing a connection although there is some.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::say;

/// How long a client that has its reply may stay silent before the connection is closed.
const QUIET: Duration = Duration::from_millis(250);

/// How long a client that goes on sending is listened to.
const LONGEST: Duration = Duration::from_secs(1);

/// The most that is read away at one go, so that a client that never stops sending does not keep
/// its thread here.
const MOST: usize = 1024 * 1024;

/// Ends a conversation so that the last reply arrives, and reports in one line what the client sent
/// and nobody read.
///
/// Closing a socket with unread input makes the kernel send a reset (RFC 1122, 4.2.2.13; RFC 2525,
/// 2.17), and a reset can destroy a reply that is still on its way. So the server first says that
/// it has no more to send (`shutdown`), then reads away what arrives until the client closes too,
/// has been silent for 250 ms, or a second has passed.
///
/// # Errors
/// When the connection is lost (reset) meanwhile.
pub fn hang_up(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<()> {
    // A client that has already gone is no error here: its end of input comes next.
    let _ = stream.shutdown(Shutdown::Write);
    stream.set_read_timeout(Some(QUIET))?;
    let started = Instant::now();
    let mut waste = [0; 1024];
    let mut unread = 0;
    while started.elapsed() < LONGEST {
        match stream.read(&mut waste) {
            Ok(0) => break,
            Ok(length) => unread += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Unix says WouldBlock, Windows TimedOut.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break;
            }
            Err(error) => return Err(error),
        }
    }
    if unread > 0 {
        say!("{peer} sent {unread} more bytes, which were not read");
    }
    Ok(())
}

/// Reads away what is left of a message that filled its buffer, and reports its size in one line.
///
/// `length` bytes of the message have been read into a buffer for `expected` bytes. When it is
/// full, there may be more: what has already arrived, up to 1 MiB, is read and forgotten, without
/// waiting. TCP has no message boundaries, so this is as good as a guess can be.
///
/// # Errors
/// When the connection is lost (reset).
pub fn skip_the_rest(
    stream: &TcpStream,
    peer: SocketAddr,
    length: usize,
    expected: usize,
) -> io::Result<()> {
    if length < expected {
        return Ok(());
    }
    stream.set_nonblocking(true)?;
    let skipped = read_until_empty(stream);
    stream.set_nonblocking(false)?;
    match skipped? {
        0 => {}
        skipped => say!(
            "{peer} sent a message larger than expected: {} bytes; {skipped} of them were not read",
            length + skipped
        ),
    }
    Ok(())
}

fn read_until_empty(mut stream: &TcpStream) -> io::Result<usize> {
    let mut waste = [0; 1024];
    let mut skipped = 0;
    while skipped < MOST {
        match stream.read(&mut waste) {
            Ok(0) => break,
            Ok(length) => skipped += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(skipped)
}
