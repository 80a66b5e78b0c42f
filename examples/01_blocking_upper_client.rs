//! Lab 01, the client: sends one sentence and prints what comes back.
//!
//! It connects before it asks. While you think, the server is already waiting for you.
//!
//!     cargo run --example 01_blocking_upper_server      in another terminal, first
//!     cargo run --example 01_blocking_upper_client      in this one

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use socketlab::{Address, Failure, Outcome, ask, lost_server, printable, say};

pub fn main() -> Outcome {
    let address = Address::parse_client_options(
        12000,
        "Sends one sentence to the upper-casing server and prints the reply.",
    );
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");

    let sentence = ask("Input lowercase sentence: ")?.unwrap_or_default();
    if sentence.is_empty() {
        say!("Nothing to send. Bye!");
        return Ok(());
    }
    stream.write_all(sentence.as_bytes()).map_err(lost_server)?;
    // It sends no more. An error here only means that the server has closed already.
    let _ = stream.shutdown(Shutdown::Write);

    // Reads until the server closes; at most 4096 bytes, so that no server can fill the memory.
    let mut reply = String::new();
    let ended = stream.take(4096).read_to_string(&mut reply);
    if !reply.is_empty() {
        say!("From Server: {}", printable(&reply));
    }
    match ended.map_err(lost_server)? {
        0 => Err(Failure::new("the server closed without a reply: look at its terminal")),
        _ => Ok(()),
    }
}
