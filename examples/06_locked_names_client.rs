//! Lab 06, the client: same as 05, except that it sends one message again and again.
//!
//! Answer `y` and it sends its message once more; any other answer ends it. With `--say TEXT` it
//! sends another message, with `--times N` it sends it N times without asking.
//!
//!     cargo run --example 06_locked_names_server        in another terminal, first
//!     cargo run --example 06_locked_names_client        in this one

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::str;

use socketlab::{Outcome, ask, lost_server, message_options, printable, say};

fn main() -> Outcome {
    let (address, message, times) = message_options(
        2022,
        "Asks the server what today's lab is about.",
        "Hey Server!!! What will we do in today's lab????",
    );
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");
    let mut buffer = [0; 1024];
    let mut sent = 0;

    loop {
        stream.write_all(message.as_bytes()).map_err(lost_server)?;
        sent += 1;
        let reply = match stream.read(&mut buffer).map_err(lost_server)? {
            0 => return Err(lost_server(ErrorKind::UnexpectedEof.into())),
            length => str::from_utf8(&buffer[..length]),
        };
        let reply = reply.map_err(|_| lost_server(ErrorKind::InvalidData.into()))?;
        say!("Received from the server : {}", printable(reply));

        if sent < times {
            continue;
        }
        if times > 0 || ask("Do you want to continue(y/n) : ")?.as_deref() != Some("y") {
            say!("Bye Server");
            return Ok(());
        }
    }
}
