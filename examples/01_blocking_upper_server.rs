//! Lab 01, the server: one client at a time, one message, answered in upper case.
//!
//! It waits for a client, reads one message, sends it back in upper case and hangs up. Then it
//! waits for the next client.
//!
//!     cargo run --example 01_blocking_upper_server      in this terminal
//!     cargo run --example 01_blocking_upper_client      in another

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use socketlab::{Address, Outcome, hang_up, reason, report_accept_error, say, stop_at_once};

fn main() -> Outcome {
    let address = Address::for_server(12000, "Sends each message back in upper case.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let served = stop_at_once()?; // from now on, Ctrl-C ends it and says how many were served
    say!("The server is ready to receive, listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                served.count();
                serve(stream, peer);
            }
            Err(error) => report_accept_error(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(stream: TcpStream, peer: SocketAddr) {
    if let Err(error) = converse(&stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
}

/// The protocol: one message, one reply.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<()> {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without a message"); // and there is nothing to send back
    }
    let message = String::from_utf8_lossy(&buffer[..length]);
    stream.write_all(message.to_uppercase().as_bytes())?;
    hang_up(stream, peer)
}
