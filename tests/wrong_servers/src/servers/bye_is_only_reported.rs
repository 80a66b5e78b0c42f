//! exercise: 06
//! verdict: PASS
//! Right: shows no client's `bye`, and reports in words of its own that the client has left.

use std::sync::Mutex;

use wrong_servers::{in_threads, lines, send, turn};

static OPERATOR: Mutex<()> = Mutex::new(());

pub fn main() {
    in_threads(|stream, peer| {
        for message in lines(stream) {
            let message = message?;
            if message == "bye" {
                println!("{peer} has left with bye");
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
