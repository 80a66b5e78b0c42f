//! Lab 03, the server: same as 02, except that every client gets a thread of its own.
//!
//! While one client thinks about its answer, the others are greeted all the same.
//!
//!     cargo run --example 03_threaded_greeter_server    in this terminal
//!     cargo run --example 03_threaded_greeter_client    in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use socketlab::{
    Address, Outcome, hang_up, printable, reason, report_accept_error, say, stop_at_once,
};

fn main() -> Outcome {
    let address = Address::for_server(1337, "Greets each client and prints its answer.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let served = stop_at_once()?; // from now on, Ctrl-C ends it and says how many were served
    say!("Server listening for connections, listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                served.count();
                // New: the socket moves into a thread; the loop is back at `accept` at once.
                let handler = thread::Builder::new().spawn(move || serve(stream, peer));
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_accept_error(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(stream: TcpStream, peer: SocketAddr) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    hang_up(stream, peer)
}
