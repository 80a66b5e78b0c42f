//! exercise: 06
//! verdict: MIXED_UP
//! Sends the operator's answer to the client that came last.

use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

use wrong_servers::{in_threads, lines, send, turn};

static OPERATOR: Mutex<()> = Mutex::new(());
static NEWEST: Mutex<Option<TcpStream>> = Mutex::new(None);

pub fn main() {
    in_threads(|stream, peer| {
        *NEWEST.lock().unwrap() = Some(stream.try_clone()?);
        for message in lines(stream) {
            let message = message?;
            let answer = {
                let _guard = OPERATOR.lock().unwrap();
                turn(peer, &message)
            };
            if message == "bye" {
                break;
            }
            if let Some(newest) = &*NEWEST.lock().unwrap() {
                send(newest, &format!("{answer}\n"))?;
            }
            if answer == "bye" {
                break;
            }
        }
        stream.shutdown(Shutdown::Both)
    });
}
