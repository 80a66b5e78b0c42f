//! exercise: 10
//! verdict: PASS
//! Right: leaves out the bytes that are not UTF-8, so that a line of them says nothing.

use std::io::{BufRead, BufReader, Read, Result};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use wrong_servers::{Room, outbox, shown};

pub fn main() {
    let room = Room { read_lines, ..Room::RIGHT };
    room.open(
        |stream| outbox(stream, 100),
        |outbox, line| outbox.try_send(line.to_owned()).is_ok(),
    );
}

fn read_lines(stream: &TcpStream, say: &mut dyn FnMut(String)) -> Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
        match line.trim_ascii_end() {
            _ if !line.ends_with(b"\n") => return Ok(()),
            b"bye" => return Ok(()),
            b"" => {}
            text => say(shown(text).replace(char::REPLACEMENT_CHARACTER, "")),
        }
        thread::sleep(Duration::from_millis(1));
    }
}
