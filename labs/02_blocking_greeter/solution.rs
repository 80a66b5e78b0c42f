//! Solution 02: a client that does not answer in time is let go, so that the next one is served.
//!
//!     cargo run --example 02_solution -- --patience 5

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socketlab::{Outcome, hang_up, patience_option, printable, reason};
use socketlab::{report_accept_error, say, stop_at_once};

fn main() -> Outcome {
    let (address, patience) = patience_option(1337, "Greets each client and prints its answer.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let served = stop_at_once()?;
    say!("Server listening for connections, listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                served.count();
                serve(stream, peer, patience);
            }
            Err(error) => report_accept_error(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(stream: TcpStream, peer: SocketAddr, patience: Duration) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&stream, peer, patience) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(mut stream: &TcpStream, peer: SocketAddr, patience: Duration) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    stream.set_read_timeout(Some(patience))?; // New: `read` waits no longer than this
    match stream.read(&mut buffer) {
        Ok(0) => say!("{peer} left without an answer"),
        Ok(length) => say!("{peer} said: {}", printable(&buffer[..length])),
        // New: the time is up. Unix says WouldBlock, Windows TimedOut.
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            say!("{peer} was too slow");
            stream.write_all(b"Too slow!\n")?;
        }
        Err(error) => return Err(error),
    }
    hang_up(stream, peer)
}
