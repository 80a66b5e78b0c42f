//! exercise: 04
//! verdict: SERIAL; macos PASS; windows PASS
//! One thread serves every client whose line has come, and waits for the operator's answer to it.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use wrong_servers::{listen, turn};

pub fn main() {
    let listener = listen();
    let _ = listener.set_nonblocking(true);
    let mut clients = Vec::new();
    loop {
        while let Ok((stream, peer)) = listener.accept() {
            let _ = stream.set_nonblocking(true);
            clients.push((stream, peer));
        }
        clients.retain_mut(|(stream, peer)| {
            let mut buffer = [0; 1024];
            let Ok(length) = stream.read(&mut buffer) else { return true };
            if length == 0 {
                return false;
            }
            let message = String::from_utf8_lossy(&buffer[..length]);
            let answer = turn(*peer, message.trim_end());
            if message.trim_end() == "bye" {
                return false;
            }
            let sent = stream.write_all(format!("{answer}\n").as_bytes());
            sent.is_ok() && answer != "bye"
        });
        thread::sleep(Duration::from_millis(5));
    }
}
