//! exercise: 10
//! verdict: WRONG_REPLY
//! Hands on what a guest says as it is, with what a terminal obeys.

use std::io;
use std::net::TcpStream;

use wrong_servers::{Room, lines, outbox};

fn read_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    for line in lines(stream) {
        match line?.as_str() {
            "bye" => break,
            "" => {}
            text => say(text.to_owned()),
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
