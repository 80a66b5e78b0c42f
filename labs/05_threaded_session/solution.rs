//! Solution 05: a reply for each line, however its bytes arrive.
//!
//!     cargo run --example 05_solution

use std::io::{self, BufRead, BufReader, Read, Write};
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

/// The protocol: one `-` for each line, until the client quits or closes. Returns how it ended.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<&'static str> {
    let mut reader = BufReader::new(stream); // New: keeps what came behind the end of a line
    loop {
        let mut line = Vec::new();
        // New: reads until the newline is there, however many reads that takes; at most 5120 bytes.
        (&mut reader).take(5120).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok("end of input");
        }
        if !line.ends_with(b"\n") {
            return Ok("end of input in mid-line, or a line larger than expected"); // New
        }
        let message = String::from_utf8_lossy(&line);
        let message = message.trim_end();
        if message == "--quit--" {
            return Ok("the client requested to quit");
        }
        say!("Processing the input of {peer}: {} bytes", line.len());
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        reader.get_mut().write_all(b"-")?;
    }
}
