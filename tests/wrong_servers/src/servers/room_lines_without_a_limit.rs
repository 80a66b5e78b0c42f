//! exercise: 10
//! verdict: NOT_CLOSED
//! Collects a line for as long as it has no newline.

use std::io;
use std::net::TcpStream;

use wrong_servers::{Room, lines, outbox, shown};

fn read_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    for line in lines(stream) {
        match line?.as_str() {
            "bye" => break,
            "" => {}
            text => say(shown(text.as_bytes())),
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
