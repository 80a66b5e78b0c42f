//! Practice 03: number the players. The server of lab 03, to be changed.
//!
//! After the greeting comes a second line, `You are player N.`: N is 1 for the first client that is
//! accepted, 2 for the second, and so on.
//!
//!     cargo run --example 03_practice                   in this terminal
//!     cargo run -- check 03                             in another, when you are done

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
                thread::spawn(move || serve(stream, peer));
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
    // TODO: after the greeting a second line, `You are player N.`; who counts, and where?
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
