//! Lab 03, the server: same as 02, except that every client gets a thread of its own.
//!
//! While one client thinks about its answer, the others are greeted all the same.
//!
//!     cargo run --example 03_threaded_greeter_server    in this terminal
//!     cargo run --example 03_threaded_greeter_client    in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

fn main() -> Outcome {
    let address = Address::parse_server_options(1337, "Greets each client and prints its answer.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Server listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                thread::spawn(move || serve(stream, peer)); // New: a thread of its own
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&mut stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    Ok(())
}
