//! exercise: 06
//! verdict: PASS
//! Right, and takes 100 ms at every step of a turn.

use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use wrong_servers::{ask, chat, in_threads, show};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        chat(stream, peer, |peer, message| {
            let _guard = OPERATOR.lock().unwrap();
            thread::sleep(Duration::from_millis(100));
            show(peer, message);
            thread::sleep(Duration::from_millis(100));
            let answer = ask(peer, message);
            thread::sleep(Duration::from_millis(100));
            answer
        })
    });
}
