//! Practice 02: lose patience. The server of lab 02, to be changed.
//!
//! A client that has not answered within `--patience` seconds is sent `Too slow!` and a newline,
//! and is disconnected, so that the next one is served.
//!
//!     cargo run --example 02_practice -- --patience 5   in this terminal
//!     cargo run -- check 02                             in another, when you are done

use std::io::{self, Read, Write};
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
fn converse(stream: &mut TcpStream, peer: SocketAddr, _patience: Duration) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    // TODO: wait here for at most `_patience`; then write `Too slow!` and a newline to the client.
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    Ok(())
}
