//! Lab 02, the client: prints the server's greeting and sends one answer.
//!
//! Start it twice and answer in neither: the second one is connected, but is not greeted.
//!
//!     cargo run --example 02_blocking_greeter_server    in another terminal, first
//!     cargo run --example 02_blocking_greeter_client    in this one

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;

use socketlab::{Address, Outcome, ask, lost_server, printable, say};

pub fn main() -> Outcome {
    let address = Address::parse_client_options(
        1337,
        "Prints the greeting of the server and sends one answer.",
    );
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");

    let mut greeting = String::new();
    // Reads on until the newline; at most 1024 bytes, so that no server can fill the memory.
    BufReader::new((&stream).take(1024)).read_line(&mut greeting).map_err(lost_server)?;
    if greeting.is_empty() {
        return Err(lost_server(ErrorKind::UnexpectedEof.into()));
    }
    say!("{}", printable(greeting.trim_end()));

    let answer = ask("Your answer: ")?.unwrap_or_default();
    if answer.is_empty() {
        say!("No answer. Bye!");
        return Ok(());
    }
    stream.write_all(answer.as_bytes()).map_err(lost_server)
}
