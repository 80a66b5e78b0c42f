//! Practice 01: keep the line open. The server of lab 01, to be changed.
//!
//! Answer every message of a client until it closes the connection; then serve the next client.
//! A message needs no newline, and may be larger than the buffer: then its reply may come in parts.
//! Only `a` to `z` must change.
//!
//!     cargo run --example 01_practice                   in this terminal
//!     cargo run -- check 01                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c, reason, report_and_wait, say};

fn main() -> Outcome {
    let address = Address::parse_server_options(12000, "Sends each message back in upper case.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("The server is ready to receive, listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => serve(stream, peer),
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    if let Err(error) = converse(&mut stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
}

/// The protocol: one message, one reply.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<()> {
    // TODO: not one message but all of them, until `read` says that there will be no more.
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without a message");
        return Ok(());
    }
    let message = String::from_utf8_lossy(&buffer[..length]);
    stream.write_all(message.to_uppercase().as_bytes())
}
