//! Lab 04, the server: same as 01, except that every client gets a thread of its own.
//!
//! `main` owns each socket until a thread takes it. When `serve` returns, the socket is closed.
//!
//!     cargo run --example 04_threaded_upper_server      in this terminal
//!     cargo run --example 04_threaded_upper_client      in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c, reason, report_and_wait, say};

fn main() -> Outcome {
    let address = Address::parse_server_options(12000, "Sends each message back in upper case.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("The server is ready to receive, listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                say!("Accepted connection from {peer}"); // New: while `main` owns the socket
                thread::spawn(move || serve(stream, peer)); // New: from here the thread owns it
            }
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
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without a message");
        return Ok(());
    }
    let message = String::from_utf8_lossy(&buffer[..length]);
    stream.write_all(message.to_uppercase().as_bytes())
}
