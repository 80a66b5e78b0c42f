//! exercise: 07
//! verdict: NOT_CLOSED
//! Keeps a second handle of each connection in a list, so that a panic does not close it.

use std::io::Result;
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

use wrong_servers::{in_threads, print_record, receive, reversed, send};

static CLIENTS: Mutex<Vec<TcpStream>> = Mutex::new(Vec::new());

pub fn main() {
    in_threads(|stream, _| {
        CLIENTS.lock().unwrap().push(stream.try_clone()?);
        let ended = converse(stream);
        let _ = stream.shutdown(Shutdown::Both);
        ended
    });
}

fn converse(stream: &TcpStream) -> Result<()> {
    while let Some(message) = receive(stream)? {
        print_record(&String::from_utf8_lossy(&message));
        send(stream, &reversed(&message))?;
    }
    Ok(())
}
