//! Practice 05: line by line. The server of lab 05, to be changed.
//!
//! One `-` for each *line*, however its bytes arrive: half a line now and the rest later, or two
//! lines at once. The line `--quit--` ends the conversation.
//!
//!     cargo run --example 05_practice                   in this terminal
//!     cargo run --example nc -- 8000                    in another
//!     cargo run -- check 05                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

fn main() -> Outcome {
    let address = Address::parse_server_options(8000, "Answers until the client quits.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Socket created and bound to {address}");
    say!("Server now listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                if let Err(error) = thread::Builder::new().spawn(move || serve(stream, peer)) {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    say!("Connected with {peer}");
    match converse(&mut stream, peer) {
        Ok(end) => say!("Connection {peer} closed: {end}"),
        Err(error) => say!("Connection {peer} lost: {}", reason(&error)),
    }
}

/// The protocol: one `-` for each message, until the client quits or closes. Returns how it ended.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<&'static str> {
    let mut buffer = [0; 5120];
    loop {
        // TODO: one `read` is not one line: it may return half a line, or two and a half.
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok("end of input"); // else `read` would return 0 again and again
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        if message.trim_end() == "--quit--" {
            return Ok("the client requested to quit"); // only if it is the whole message
        }
        let more = if length < buffer.len() { "" } else { " or more, larger than expected" };
        say!("Processing the input of {peer}: {length} bytes{more}");
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        stream.write_all(b"-")?;
    }
}
