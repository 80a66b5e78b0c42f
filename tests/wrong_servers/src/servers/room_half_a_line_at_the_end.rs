//! exercise: 10
//! verdict: WRONG_REPLY
//! Takes what stands before the end of input for a line.

use std::io::{self, BufRead, BufReader, Read};
use std::net::TcpStream;

use wrong_servers::{Room, outbox, shown};

fn read_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        let length = reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
        match line.trim_ascii_end() {
            _ if length == 0 || (length == 1024 && !line.ends_with(b"\n")) => return Ok(()),
            b"bye" => return Ok(()),
            b"" => {}
            text => say(shown(text)),
        }
    }
}

pub fn main() {
    Room { read_lines, ..Room::RIGHT }.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}
