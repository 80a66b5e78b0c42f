//! exercise: 10
//! verdict: PASS
//! Right: an outbox of 1000 lines, told when the room is unlocked again.

use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex};

use wrong_servers::{guest_lines, in_numbered_threads, outbox};

#[derive(Clone)]
struct Guest {
    number: u32,
    stream: Arc<TcpStream>,
    outbox: SyncSender<String>,
}

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &str) {
    let room = ROOM.lock().unwrap().clone();
    for guest in room.iter().filter(|guest| guest.number != number) {
        if guest.outbox.try_send(line.to_owned()).is_err() {
            ROOM.lock().unwrap().retain(|other| other.number != guest.number);
            let _ = guest.stream.shutdown(Shutdown::Both);
        }
    }
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let outbox = outbox(stream.try_clone()?, 1000);
        tell(number, &format!("Guest-{number} has come.\n"));
        let _ = outbox.send(format!("You are Guest-{number}.\n"));
        let stream = Arc::new(stream.try_clone()?);
        ROOM.lock().unwrap().push(Guest { number, stream: Arc::clone(&stream), outbox });
        let ended =
            guest_lines(&stream, &mut |text| tell(number, &format!("Guest-{number}: {text}\n")));
        ROOM.lock().unwrap().retain(|guest| guest.number != number);
        let _ = stream.shutdown(Shutdown::Both);
        tell(number, &format!("Guest-{number} has left.\n"));
        ended
    });
}
