//! exercise: 10
//! verdict: STALLED
//! Writes to all guests without the lock: the guest that speaks waits for the one that does not read.

use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use wrong_servers::{guest_lines, in_numbered_threads, send};

type Guest = (u32, Arc<Mutex<TcpStream>>);

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &str) {
    let room = ROOM.lock().unwrap().clone();
    for (_, stream) in room.iter().filter(|(own, _)| *own != number) {
        let _ = send(&stream.lock().unwrap(), line);
    }
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        send(stream, &format!("You are Guest-{number}.\n"))?;
        ROOM.lock().unwrap().push((number, Arc::new(Mutex::new(stream.try_clone()?))));
        tell(number, &format!("Guest-{number} has come.\n"));
        let ended =
            guest_lines(stream, &mut |text| tell(number, &format!("Guest-{number}: {text}\n")));
        ROOM.lock().unwrap().retain(|(own, _)| *own != number);
        let _ = stream.shutdown(Shutdown::Both);
        tell(number, &format!("Guest-{number} has left.\n"));
        ended
    });
}
