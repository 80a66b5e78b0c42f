//! exercise: 10
//! verdict: SELF_DEADLOCK; macos NEVER_ANSWERED; windows NEVER_ANSWERED
//! Tells the others while it holds the lock of the room, in a function that takes that lock.

use std::net::TcpStream;
use std::sync::Mutex;

use wrong_servers::{guest_lines, in_numbered_threads, send};

static ROOM: Mutex<Vec<(u32, TcpStream)>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &str) {
    for (_, stream) in ROOM.lock().unwrap().iter().filter(|(own, _)| *own != number) {
        let _ = send(stream, line);
    }
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let mut room = ROOM.lock().unwrap();
        room.push((number, stream.try_clone()?));
        tell(number, &format!("Guest-{number} has come.\n"));
        send(stream, &format!("You are Guest-{number}.\n"))?;
        drop(room);
        guest_lines(stream, &mut |text| tell(number, &format!("Guest-{number}: {text}\n")))
    });
}
