//! exercise: 10
//! verdict: SELF_DEADLOCK; macos NEVER_ANSWERED; windows NEVER_ANSWERED
//! A guest that is dropped tells the others, and locks the room for that: `retain` drops it under the lock.

use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::SyncSender;

use wrong_servers::{guest_lines, in_numbered_threads, outbox};

struct Guest {
    number: u32,
    stream: TcpStream,
    outbox: SyncSender<String>,
}

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
        tell(self.number, &format!("Guest-{} has left.\n", self.number));
    }
}

fn tell(number: u32, line: &str) {
    ROOM.lock()
        .unwrap()
        .retain(|guest| guest.number == number || guest.outbox.try_send(line.to_owned()).is_ok());
}

pub fn main() {
    in_numbered_threads(|stream, _, number| {
        let outbox = outbox(stream.try_clone()?, 100);
        tell(number, &format!("Guest-{number} has come.\n"));
        let _ = outbox.send(format!("You are Guest-{number}.\n"));
        let guest = Guest { number, stream: stream.try_clone()?, outbox };
        ROOM.lock().unwrap().push(guest);
        let ended =
            guest_lines(stream, &mut |text| tell(number, &format!("Guest-{number}: {text}\n")));
        ROOM.lock().unwrap().retain(|guest| guest.number != number);
        ended
    });
}
