//! Practice 03: number the players. The server of lab 03, to be changed.
//!
//! After the greeting comes a second line, `You are player N, M online.`: N counts up from 1, M is
//! who is connected now, also after clients that vanish or reset.
//!
//!     cargo run --example 03_practice                   in this terminal
//!     cargo run -- check 03                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use socketlab::{
    Address, Outcome, hang_up, printable, reason, report_and_wait, say, stop_at_once,
};

fn main() -> Outcome {
    let address = Address::for_server(1337, "Greets each client and prints its answer.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let served = stop_at_once()?;
    say!("Server listening for connections, listening on {}", listener.local_addr()?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                served.count();
                let handler = thread::Builder::new().spawn(move || serve(stream, peer));
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
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
    // TODO: after the greeting a second line, `You are player N, M online.`; all threads count.
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
