//! Lab 09, the server: same as 03, except that a fixed number of threads serves all clients.
//!
//! While all threads are busy, clients wait in a queue. When it is full, clients are refused.
//!
//!     cargo run --example 09_pooled_greeter_server    in this terminal
//!     cargo run --example 09_pooled_greeter_client    in four others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use socketlab::{Outcome, address_of, exit_at_ctrl_c, pool_options};
use socketlab::{printable, reason, report_and_wait, say};

type Client = (TcpStream, SocketAddr); // New: what `accept` returns and the queue holds

fn main() -> Outcome {
    let (address, workers, queue) = pool_options(1337, "Greets each client and prints its answer.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;

    let (sender, receiver) = sync_channel(queue); // New: a queue with `queue` places
    let receiver = Arc::new(Mutex::new(receiver)); // New: one worker at a time takes from it
    for number in 1..=workers {
        let receiver = Arc::clone(&receiver);
        let worker = thread::Builder::new().name(format!("worker {number}"));
        worker.spawn(move || work(&receiver))?; // New: now, and not for each client
    }
    say!("Server listening on {}", address_of(&listener)?);

    loop {
        match listener.accept() {
            Ok(client) => {
                say!("Accepted: {}", client.1);
                // New: into the queue, if it has a free place. `try_send` never waits.
                if let Err(TrySendError::Full(client)) = sender.try_send(client) {
                    refuse(client);
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// New: serves one client after the other.
fn work(receiver: &Mutex<Receiver<Client>>) {
    loop {
        // New: the guard is dropped at this `;`, before the client is served.
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((stream, peer)) = next else { return }; // only if `main` has dropped the sender
        serve(stream, peer);
    }
}

/// New: turns a client away. `main` calls this, so nothing here waits for the client.
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
    if length == 0 {
        say!("{peer} left without an answer");
    } else {
        say!("{peer} said: {}", printable(&buffer[..length]));
    }
    Ok(())
}
