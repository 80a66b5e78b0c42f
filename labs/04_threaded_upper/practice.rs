//! Practice 04: the chat. A server in the shape of lab 01's, to be changed as lab 04 changed that.
//!
//! Client and operator type lines in turn, until one of them types `bye`. It serves one client at a
//! time: give each a thread. The client stays as it is.
//!
//!     cargo run --example 04_practice                   in this terminal
//!     cargo run --example 04_practice_client            in two others
//!     cargo run -- check 04                             in another, when you are done

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use socketlab::{Address, Failure, Outcome, address_of, ask};
use socketlab::{exit_at_ctrl_c, printable, report_and_wait, say};

fn main() -> Outcome {
    let address =
        Address::parse_server_options(12000, "Lets you chat with each client, line by line.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("The chat is open, listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                say!("Accepted connection from {peer}");
                // TODO: a thread for each client, as in lab 04.
                serve(stream, peer);
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(stream: TcpStream, peer: SocketAddr) {
    if let Err(failure) = converse(&stream, peer) {
        say!("{peer} was lost: {failure}");
    }
}

/// The protocol: a line of the client, a line of the operator, until one of them is `bye`.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> Outcome {
    let mut lines = BufReader::new(stream); // copies the `&`: `stream` can still be written to
    loop {
        let Some(message) = next_line(&mut lines)? else {
            say!("{peer} left without a bye");
            return Ok(());
        };
        let Some(answer) = turn(peer, &message)? else { break };
        stream.write_all(format!("{answer}\n").as_bytes())?;
        if answer == "bye" {
            break;
        }
    }
    Ok(())
}

/// The client's next line; `None` when it has closed. A line ends after 1024 bytes at the latest.
fn next_line(lines: impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let length = lines.take(1024).read_until(b'\n', &mut line)?;
    Ok((length > 0).then(|| line.trim_ascii_end().to_owned()))
}

/// One turn: shows the message and asks the operator for an answer. End of input counts as `bye`.
fn turn(peer: SocketAddr, message: &[u8]) -> Result<Option<String>, Failure> {
    say!("{peer}> {}", printable(message));
    if message == b"bye" {
        return Ok(None); // nothing is left to answer
    }
    Ok(Some(ask(&format!("{peer}< "))?.unwrap_or_else(|| "bye".to_owned())))
}
