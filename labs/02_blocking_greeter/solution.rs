//! Solution 02: a client that does not answer in time is disconnected, so that the next is served.
//!
//!     cargo run --example 02_solution -- --patience 5

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socketlab::{Outcome, address_of, exit_at_ctrl_c, patience_option};
use socketlab::{printable, reason, report_and_wait, say};

fn main() -> Outcome {
    let (address, patience) = patience_option(1337, "Greets each client and prints its answer.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Server listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => serve(stream, peer, patience),
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr, patience: Duration) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&mut stream, peer, patience) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(stream: &mut TcpStream, peer: SocketAddr, patience: Duration) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    stream.set_read_timeout(Some(patience))?; // New: `read` waits no longer than this
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => say!("{peer} left without an answer"),
            Ok(length) => say!("{peer} said: {}", printable(&buffer[..length])),
            // New: the time is up. Unix says WouldBlock, Windows TimedOut.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                say!("{peer} was too slow");
                stream.write_all(b"Too slow!\n")?;
            }
            // New: Ctrl-Z and `fg` end this `read` too. Nothing is lost: read again.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        return Ok(());
    }
}
