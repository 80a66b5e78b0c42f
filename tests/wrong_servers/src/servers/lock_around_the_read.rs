//! exercise: 06
//! verdict: LOCK_HELD
//! Takes the lock before it reads the message, and so waits for a client with it.

use std::sync::Mutex;

use wrong_servers::{in_threads, lines, send, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        let mut lines = lines(stream);
        loop {
            let _guard = OPERATOR.lock().unwrap();
            let Some(message) = lines.next().transpose()? else { break };
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
