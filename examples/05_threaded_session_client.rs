//! Lab 05, the client: same as 01, except that it goes on until you type `quit`.
//!
//! It sends each line and waits for the server's `-` before it asks for the next.
//!
//!     cargo run --example 05_threaded_session_server    in another terminal, first
//!     cargo run --example 05_threaded_session_client    in this one

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use socketlab::{Address, Outcome, ask, lost_server, say};

pub fn main() -> Outcome {
    let address = Address::parse_client_options(
        8000,
        "Sends what you type to the session server, line by line.",
    );
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}. Type quit to end.");

    // New: one line after the other. The end of input ends it too, as `quit` does.
    while let Some(line) = ask(" -> ")? {
        if line == "quit" {
            break;
        }
        if line.is_empty() {
            continue; // an empty write sends nothing, so no reply would come
        }
        stream.write_all(line.as_bytes()).map_err(lost_server)?;
        let mut reply = [0; 1024];
        match stream.read(&mut reply).map_err(lost_server)? {
            0 => return Err(lost_server(ErrorKind::UnexpectedEof.into())),
            length if reply[..length].iter().all(|byte| *byte == b'-') => {}
            _ => return Err(lost_server(ErrorKind::InvalidData.into())),
        }
    }
    stream.write_all(b"--quit--").map_err(lost_server)?;
    say!("Bye!");
    Ok(())
}
