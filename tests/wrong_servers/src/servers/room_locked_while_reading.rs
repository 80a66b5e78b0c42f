//! exercise: 10
//! verdict: LOCK_HELD; macos SERIAL; windows SERIAL
//! Holds the lock of the room while it waits for the next line of a guest.

use std::net::TcpStream;
use std::sync::Mutex;

use wrong_servers::{guest_lines, in_numbered_threads, send};

static ROOM: Mutex<Vec<TcpStream>> = Mutex::new(Vec::new());

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        println!("Guest-{number} waits for the room");
        let mut room = ROOM.lock().unwrap();
        send(stream, &format!("You are Guest-{number}.\n"))?;
        room.push(stream.try_clone()?);
        guest_lines(stream, &mut |text| {
            for other in room.iter() {
                let _ = send(other, &format!("Guest-{number}: {text}\n"));
            }
        })
    });
}
