//! Solution 03: the loop that accepts the players numbers them, and each thread gets its number.
//!
//!     cargo run --example 03_solution

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

    let mut players = 0; // New: only this loop counts, so no thread shares it
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                players += 1;
                thread::spawn(move || serve(stream, peer, players)); // New: each gets a copy
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr, number: u32) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&mut stream, peer, number) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(stream: &mut TcpStream, peer: SocketAddr, number: u32) -> io::Result<()> {
    // New: both lines in one write.
    let greeting = format!("Do you want to play a game?\nYou are player {number}.\n");
    stream.write_all(greeting.as_bytes())?;
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    Ok(())
}
