//! exercise: 10
//! verdict: CLOSED_EARLY
//! `?` on the error of another guest's outbox: the guest that speaks loses its place.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::SyncSender;

use wrong_servers::{guest_lines, in_numbered_threads, outbox};

type Guest = (u32, TcpStream, SyncSender<String>);

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &str) -> io::Result<()> {
    for (_, _, outbox) in ROOM.lock().unwrap().iter().filter(|(own, ..)| *own != number) {
        outbox.try_send(line.to_owned()).map_err(io::Error::other)?;
    }
    Ok(())
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let outbox = outbox(stream.try_clone()?, 100);
        let _ = tell(number, &format!("Guest-{number} has come.\n"));
        let other_handle = stream.try_clone()?;
        {
            // Who is told its number is in the room.
            let mut room = ROOM.lock().unwrap();
            let _ = outbox.send(format!("You are Guest-{number}.\n"));
            room.push((number, other_handle, outbox));
        }
        let ended = guest_lines(stream, &mut |text| {
            if tell(number, &format!("Guest-{number}: {text}\n")).is_err() {
                let _ = stream.shutdown(Shutdown::Read);
            }
        });
        ROOM.lock().unwrap().retain(|(own, ..)| *own != number);
        let _ = stream.shutdown(Shutdown::Both);
        let _ = tell(number, &format!("Guest-{number} has left.\n"));
        ended
    });
}
