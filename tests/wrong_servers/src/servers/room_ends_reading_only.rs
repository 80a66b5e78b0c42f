//! exercise: 10
//! verdict: NOT_CLOSED; macos PASS; windows PASS
//! Ends only the reading half of a guest that cannot be told: its writer goes on waiting for it.

use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::SyncSender;

use wrong_servers::{guest_lines, in_numbered_threads, outbox};

type Guest = (u32, TcpStream, SyncSender<String>);

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

fn tell(number: u32, line: &str) {
    ROOM.lock().unwrap().retain(|(own, stream, outbox)| {
        let stays = *own == number || outbox.try_send(line.to_owned()).is_ok();
        if !stays {
            let _ = stream.shutdown(Shutdown::Read);
        }
        stays
    });
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let outbox = outbox(stream.try_clone()?, 100);
        tell(number, &format!("Guest-{number} has come.\n"));
        let _ = outbox.send(format!("You are Guest-{number}.\n"));
        ROOM.lock().unwrap().push((number, stream.try_clone()?, outbox));
        let ended =
            guest_lines(stream, &mut |text| tell(number, &format!("Guest-{number}: {text}\n")));
        ROOM.lock().unwrap().retain(|(own, ..)| *own != number);
        tell(number, &format!("Guest-{number} has left.\n"));
        ended
    });
}
