//! exercise: 10
//! verdict: NEVER_ANSWERED
//! Panics at bytes that are not UTF-8, under the lock, and poisons the room.

use std::io::{BufRead, BufReader, Read};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

use wrong_servers::{in_numbered_threads, send, shown};

static ROOM: Mutex<Vec<(u32, TcpStream)>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &[u8]) {
    let room = ROOM.lock().unwrap();
    let line = std::str::from_utf8(line).unwrap();
    for (_, stream) in room.iter().filter(|(own, _)| *own != number) {
        let _ = send(stream, &format!("{}\n", shown(line.as_bytes())));
    }
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        send(stream, &format!("You are Guest-{number}.\n"))?;
        ROOM.lock().unwrap().push((number, stream.try_clone()?));
        tell(number, format!("Guest-{number} has come.").as_bytes());
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
            match line.trim_ascii_end() {
                _ if !line.ends_with(b"\n") => break,
                b"bye" => break,
                b"" => {}
                text => tell(number, &[format!("Guest-{number}: ").as_bytes(), text].concat()),
            }
        }
        ROOM.lock().unwrap().retain(|(own, _)| *own != number);
        let _ = stream.shutdown(Shutdown::Both);
        tell(number, format!("Guest-{number} has left.").as_bytes());
        Ok(())
    });
}
