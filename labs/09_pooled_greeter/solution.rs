//! Solution 09: a worker holds the lock only while it takes a client, and outlives a panic.
//!
//!     cargo run --example 09_solution

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::catch_unwind;
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use socketlab::{Outcome, address_of, exit_at_ctrl_c, pool_options};
use socketlab::{printable, reason, report_and_wait, say};

type Client = (TcpStream, SocketAddr);

fn main() -> Outcome {
    let (address, workers, queue) = pool_options(1337, "Greets each client and prints its answer.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;

    let (sender, receiver) = sync_channel(queue);
    let receiver = Arc::new(Mutex::new(receiver));
    for number in 1..=workers {
        let receiver = Arc::clone(&receiver);
        let worker = thread::Builder::new().name(format!("worker {number}"));
        worker.spawn(move || work(&receiver))?;
    }
    say!("Server listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok(client) => {
                say!("Accepted: {}", client.1);
                if let Err(TrySendError::Full(client)) = sender.try_send(client) {
                    refuse(client);
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one client after the other.
fn work(receiver: &Mutex<Receiver<Client>>) {
    loop {
        // New: a statement of its own. At its `;` the guard is dropped.
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((stream, peer)) = next else { return };
        // New: a panic ends the call of `serve`, and not the worker.
        if catch_unwind(move || serve(stream, peer)).is_err() {
            say!("{peer} was lost: its handler panicked");
        }
    }
}

/// Turns a client away. `main` calls this, so nothing here waits for the client.
fn refuse((mut stream, peer): Client) {
    say!("{peer} is refused: the queue is full");
    let _ = stream.set_nonblocking(true);
    let _ = stream.write_all(b"Server full, try again later.\n");
    let _ = stream.read(&mut [0; 1024]); // unread bytes would make the close a reset
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    say!("Connection from: {peer}");
    if let Err(error) = converse(&mut stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("{peer} connection ended.");
}

/// The protocol: a greeting, one answer.
fn converse(stream: &mut TcpStream, peer: SocketAddr) -> io::Result<()> {
    stream.write_all(b"Do you want to play a game?\n")?;
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer)?;
    let answer = String::from_utf8_lossy(&buffer[..length]);
    assert!(!answer.contains("PANIC"), "a bug in mid-game"); // leave it in, survive it
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    Ok(())
}
