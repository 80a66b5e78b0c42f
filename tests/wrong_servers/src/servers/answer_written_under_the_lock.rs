//! exercise: 06
//! verdict: LOCK_HELD; macos PASS; windows PASS
//! Writes the answer while it holds the lock: a client that does not read makes all others wait.

use std::sync::Mutex;

use wrong_servers::{in_threads, lines, send, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        for message in lines(stream) {
            let message = message?;
            let _guard = OPERATOR.lock().unwrap();
            let answer = turn(peer, &message);
            if message == "bye" {
                break;
            }
            send(stream, &format!("{answer}\n"))?;
            if answer == "bye" {
                break;
            }
        }
        Ok(())
    });
}
