//! exercise: 10
//! verdict: WRONG_REPLY
//! Takes what one `read` returns for one line.

use std::io;
use std::net::TcpStream;

use wrong_servers::{Room, outbox, receive, shown};

fn read_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    while let Some(chunk) = receive(stream)? {
        match chunk.trim_ascii_end() {
            b"bye" => break,
            b"" => {}
            text => say(shown(text)),
        }
    }
    Ok(())
}

pub fn main() {
    Room { read_lines, ..Room::RIGHT }.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
