//! exercise: 06
//! verdict: SERIAL; macos PASS; windows PASS
//! The loop that accepts talks to the operator as well, so no client is accepted while the operator thinks.

use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use wrong_servers::{chat, listen, report, turn};

pub fn main() {
    let listener = listen();
    let _ = listener.set_nonblocking(true);
    let (ask, questions) = channel();
    loop {
        if let Ok((stream, peer)) = listener.accept() {
            let _ = stream.set_nonblocking(false);
            let ask = ask.clone();
            thread::spawn(move || {
                let turn = |_, message: &str| {
                    let (tell, told) = channel();
                    let _ = ask.send((message.to_owned(), tell));
                    told.recv().unwrap_or_default()
                };
                report(peer, chat(&stream, peer, turn));
            });
        }
        let question = questions.recv_timeout(Duration::from_millis(10));
        if let Ok((message, tell)) = question {
            let tell: Sender<String> = tell;
            let _ = tell.send(turn(([127, 0, 0, 1], 0).into(), &message));
        }
    }
}
