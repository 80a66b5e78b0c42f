//! exercise: 06
//! verdict: TORN_RECORD
//! Shows a client's `bye` without the lock, in the middle of another client's turn.

use std::sync::Mutex;

use wrong_servers::{ask, in_threads, lines, send, show, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        for message in lines(stream) {
            let message = message?;
            if message == "bye" {
                show(peer, &message);
                ask(peer, &message);
                break;
            }
            let answer = {
                let _guard = OPERATOR.lock().unwrap();
                turn(peer, &message)
            };
            send(stream, &format!("{answer}\n"))?;
            if answer == "bye" {
                break;
            }
        }
        Ok(())
    });
}
