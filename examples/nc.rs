//! A client for any server: sends each line that you type, and prints what arrives.
//!
//! It stands in for the program `nc` (netcat), which not every system has. Ctrl-D (on Windows
//! Ctrl-Z and Enter) says that you send no more; it goes on printing until the server closes.
//!
//!     cargo run --example nc -- 12000                   a server on this machine
//!     cargo run --example nc -- 192.168.0.7 12000       a server on another one

use std::io::{self, Read};
use std::net::{Shutdown, TcpStream};
use std::thread;

use socketlab::{Address, Outcome, lost_server, printable, say};

fn main() -> Outcome {
    let address = Address::parse_host_and_port("Sends what you type, and prints what arrives.");
    let mut stream = TcpStream::connect(&address).map_err(|error| address.cannot_connect(error))?;
    say!("Connected to {address}");

    // It waits for you and for the server at the same time: two threads, each with a handle.
    let mut to_server = stream.try_clone()?;
    thread::Builder::new().spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write); // no more will be sent; reading goes on
    })?;

    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer).map_err(lost_server)?;
        if length == 0 {
            say!("The server has closed the connection.");
            return Ok(());
        }
        let text = String::from_utf8_lossy(&buffer[..length]);
        for line in text.lines() {
            say!("{}", printable(line));
        }
    }
}
