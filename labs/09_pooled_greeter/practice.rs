//! Practice 09: all hands. The server of lab 09, to be changed.
//!
//! It has `--workers` threads, but it serves one client at a time. Let all workers serve at once,
//! and lose none of them: a handler that panics costs one conversation, not a worker.
//!
//!     cargo run --example 09_practice                   in this terminal
//!     cargo run --example 09_pooled_greeter_client      in four others
//!     cargo run -- check 09                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
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
    // TODO: let all workers serve at once, and survive a handler that panics.
    while let Ok((stream, peer)) = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv() {
        serve(stream, peer);
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
