//! Solution 01: the line stays open until the client closes it; then the next client is served.
//!
//!     cargo run --example 01_solution

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

/// The protocol: a reply to every message, until the client closes.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            say!("{peer} has left");
            return Ok(()); // New: else the loop would spin on empty reads
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        stream.write_all(message.to_uppercase().as_bytes())?;
    }
}
