//! exercise: 10
//! verdict: WRONG_REPLY
//! Writes the name and the text of a line in two calls, without a lock.

use std::io;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use wrong_servers::{guest_lines, in_numbered_threads, send};

static ROOM: Mutex<Vec<(u32, Arc<TcpStream>)>> = Mutex::new(Vec::new());

fn tell(number: u32, parts: &[&str]) {
    let room = ROOM.lock().unwrap().clone();
    for (_, stream) in room.iter().filter(|(own, _)| *own != number) {
        let _: io::Result<()> = parts.iter().try_for_each(|part| {
            thread::sleep(Duration::from_micros(50));
            send(stream, part)
        });
    }
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let name = format!("Guest-{number}");
        send(stream, &format!("You are {name}.\n"))?;
        ROOM.lock().unwrap().push((number, Arc::new(stream.try_clone()?)));
        tell(number, &[&name, " has come.\n"]);
        let ended = guest_lines(stream, &mut |text| tell(number, &[&name, ": ", &text, "\n"]));
        ROOM.lock().unwrap().retain(|(own, _)| *own != number);
        tell(number, &[&name, " has left.\n"]);
        ended
    });
}
