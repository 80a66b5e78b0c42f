//! Lab 10, the client: it sends what you type, and at the same time shows what the others say.
//!
//! Two threads, because each waits for something else: one for you, the other for the server.
//!
//!     cargo run --example 10_broadcast_chat_server      in another terminal, first
//!     cargo run --example 10_broadcast_chat_client      in this one

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::thread;

use socketlab::{Outcome, flood_option, lost_server, printable, say};

const MAX_LINE: u64 = 8192; // bytes: escaped, a line of 1024 bytes is longer

fn main() -> Outcome {
    let (address, flood) = flood_option(9000, "Sends what you type, shows what the others say.");
    let stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}. Type bye to end.");

    let to_server = stream.try_clone()?; // a second handle for the same connection
    thread::Builder::new().spawn(move || speak(to_server, flood))?;
    listen(&stream)
}

/// Sends each line that is typed, then `bye`. If the server is gone, `listen` says so.
fn speak(mut to_server: TcpStream, flood: u32) -> io::Result<()> {
    for number in 1..=flood {
        // The number, and dots up to 1000 bytes.
        to_server.write_all(format!("{number:.<1000}\n").as_bytes())?;
    }
    if flood == 0 {
        for line in io::stdin().lines() {
            to_server.write_all(format!("{}\n", line?).as_bytes())?;
        }
    }
    to_server.write_all(b"bye\n")
}

/// Shows each line that arrives, until the server closes.
fn listen(stream: &TcpStream) -> Outcome {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if read.map_err(lost_server)? == 0 {
            say!("The server has closed the connection.");
            return Ok(());
        }
        say!("{}", printable(line.trim_ascii_end()));
    }
}
