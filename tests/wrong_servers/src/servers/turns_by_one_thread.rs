//! exercise: 06
//! verdict: PASS
//! Right without a lock: one thread talks to the operator, the others send it their messages.

use std::sync::mpsc;
use std::thread;

use wrong_servers::{chat, in_threads, turn};

pub fn main() {
    let (turns, queue) = mpsc::channel();
    thread::spawn(move || {
        for (peer, message, reply) in queue {
            let message: String = message;
            let reply: mpsc::Sender<String> = reply;
            let _ = reply.send(turn(peer, &message));
        }
    });
    in_threads(move |stream, peer| {
        chat(stream, peer, |peer, message| {
            let (reply, answer) = mpsc::channel();
            let _ = turns.send((peer, message.to_owned(), reply));
            answer.recv().unwrap_or_default()
        })
    });
}
