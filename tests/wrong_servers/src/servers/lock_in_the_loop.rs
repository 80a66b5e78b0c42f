//! exercise: 07
//! verdict: LOCK_HELD; macos SERIAL; windows SERIAL
//! Takes the lock in the loop that accepts, to report a client, and a thread holds it until its client
//! leaves.

use std::io;
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use wrong_servers::{listen, print_record, receive, reversed, send, unreported_client};

static CONSOLE: Mutex<()> = Mutex::new(());

pub fn main() {
    let listener = listen();
    loop {
        let (stream, peer) = unreported_client(&listener);
        let guard = lock();
        println!("Connected to: {peer}");
        drop(guard);
        thread::spawn(move || serve(&stream));
    }
}

fn lock() -> MutexGuard<'static, ()> {
    CONSOLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: &TcpStream) -> io::Result<()> {
    let _guard = lock();
    while let Some(message) = receive(stream)? {
        print_record(&String::from_utf8_lossy(&message));
        send(stream, &reversed(&message))?;
    }
    Ok(())
}
