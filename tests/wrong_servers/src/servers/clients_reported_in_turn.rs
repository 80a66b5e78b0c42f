//! exercise: 06
//! verdict: LOCK_HELD; macos PASS; windows PASS
//! Takes the lock of the turns to report a client that has come, in the loop that accepts.

use std::sync::Mutex;
use std::thread;

use wrong_servers::{chat, listen, report, turn, unreported_client};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    let listener = listen();
    loop {
        let (stream, peer) = unreported_client(&listener);
        {
            let _guard = OPERATOR.lock().unwrap();
            println!("{peer} has come");
        }
        thread::spawn(move || {
            let ended = chat(&stream, peer, |peer, message| {
                let _guard = OPERATOR.lock().unwrap();
                turn(peer, message)
            });
            report(peer, ended);
        });
    }
}
