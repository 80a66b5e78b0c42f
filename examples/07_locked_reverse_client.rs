//! Lab 07, the client: same as 06, with another message: the server sends it back to front.
//!
//! Answer `y` or `Y` and it sends its message once more; any other answer ends it.
//!
//!     cargo run --example 07_locked_reverse_server      in another terminal, first
//!     cargo run --example 07_locked_reverse_client      in this one

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::str;

use socketlab::{Address, Outcome, ask, lost_server, printable, say};

pub fn main() -> Outcome {
    let address = Address::parse_client_options(12345, "Has its message sent back to front.");
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");
    let mut buffer = [0; 1024];

    loop {
        let message = "hello from client";
        stream.write_all(message.as_bytes()).map_err(lost_server)?;
        let reply = match stream.read(&mut buffer).map_err(lost_server)? {
            0 => return Err(lost_server(ErrorKind::UnexpectedEof.into())),
            length => str::from_utf8(&buffer[..length]),
        };
        let reply = reply.map_err(|_| lost_server(ErrorKind::InvalidData.into()))?;
        say!("Received from server: {}", printable(reply));

        let answer = ask("Do you want to continue (y/n): ")?;
        if !matches!(answer.as_deref(), Some("y" | "Y")) {
            say!("Bye!");
            return Ok(());
        }
    }
}
