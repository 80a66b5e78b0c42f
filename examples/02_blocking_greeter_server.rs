//! Lab 02, the server: same as 01, except that it speaks first and then waits for an answer.
//!
//! While it waits for the answer of one client, every other client waits for its greeting.
//!
//!     cargo run --example 02_blocking_greeter_server    in this terminal
//!     cargo run --example 02_blocking_greeter_client    in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

fn main() -> Outcome {
    let address = Address::parse_server_options(1337, "Greets each client and prints its answer.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Server listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => serve(stream, peer),
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    say!("Connection from: {peer}"); // New: the operator sees who comes
    if let Err(error) = converse(&mut stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended."); // New: and who goes
}

/// The protocol: a greeting, one answer.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?; // New: the server speaks first
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?; // as in 01: no other client is served meanwhile
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length])); // New: printed, not answered
    }
    Ok(())
}
