//! Practice 02: lose patience. The server of lab 02, to be changed.
//!
//! A client that has not answered within `--patience` seconds is told `Too slow!` and a newline,
//! and is let go, so that the next one is served.
//!
//!     cargo run --example 02_practice -- --patience 5   in this terminal
//!     cargo run -- check 02                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use socketlab::{Outcome, hang_up, patience_option, printable, reason};
use socketlab::{report_and_wait, say, stop_at_once};

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
            Err(error) => report_and_wait(&error),
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
fn converse(mut stream: &TcpStream, peer: SocketAddr, _patience: Duration) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    // TODO: wait here no longer than `_patience`; then say `Too slow!` to the client and go on.
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    hang_up(stream, peer)
}
