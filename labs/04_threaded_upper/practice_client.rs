//! Practice 04, the chat's client: you and the server's operator type lines in turn.
//!
//! `bye` from either side ends the chat. It serves exercise 06 as well, and stays as it is.
//!
//!     cargo run --example 04_practice                   in another terminal, first
//!     cargo run --example 04_practice_client            in this one

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

use socketlab::{Address, Outcome, ask, lost_server, printable, say};

fn main() -> Outcome {
    let address =
        Address::parse_client_options(12000, "Chats with the server's operator, line by line.");
    let stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}. Type bye to end.");
    let mut lines = BufReader::new(&stream);

    loop {
        let message = ask("you> ")?.unwrap_or_else(|| "bye".to_owned());
        (&stream).write_all(format!("{message}\n").as_bytes()).map_err(lost_server)?;
        if message == "bye" {
            return Ok(());
        }
        let mut answer = Vec::new();
        // Reads on until the newline; at most 1024 bytes, so that no server can fill the memory.
        (&mut lines).take(1024).read_until(b'\n', &mut answer).map_err(lost_server)?;
        if answer.is_empty() {
            return Err(lost_server(ErrorKind::UnexpectedEof.into()));
        }
        let answer = answer.trim_ascii_end();
        say!("server> {}", printable(answer));
        if answer == b"bye" {
            return Ok(());
        }
    }
}
