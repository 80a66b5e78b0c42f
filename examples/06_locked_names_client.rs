//! Lab 06, the client: same as 05, except that it always sends the same message.
//!
//! Answer `y` and it sends its message once more; any other answer ends it.
//!
//!     cargo run --example 06_locked_names_server        in another terminal, first
//!     cargo run --example 06_locked_names_client        in this one

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::str;

use socketlab::{Address, Outcome, ask, lost_server, printable, say};

fn main() -> Outcome {
    let address = Address::for_client(2022, "Asks the server what today's lab is about.");
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");
    let mut buffer = [0; 1024];

    loop {
        let message = "Hey Server!!! What will we do in today's lab????";
        stream.write_all(message.as_bytes()).map_err(lost_server)?;
        let reply = match stream.read(&mut buffer).map_err(lost_server)? {
            0 => return Err(lost_server(ErrorKind::UnexpectedEof.into())),
            length => str::from_utf8(&buffer[..length]),
        };
        let reply = reply.map_err(|_| lost_server(ErrorKind::InvalidData.into()))?;
        say!("Received from the server : {}", printable(reply));

        if ask("Do you want to continue(y/n) : ")?.as_deref() != Some("y") {
            say!("Bye Server");
            return Ok(());
        }
    }
}
