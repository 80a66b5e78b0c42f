//! Lab 07, the server: same as 06, except that you choose how long the console's lock is held.
//!
//! `--hold record`, the default, holds it for the lines that belong together. `--hold conversation`
//! is the classic mistake: every client has a thread, and yet the second waits for the first.
//!
//!     cargo run --example 07_locked_reverse_server      in this terminal
//!     cargo run --example 07_locked_reverse_client      in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;

use socketlab::{Hold, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{hold_option, printable, reason, report_and_wait, say};

static CONSOLE: Mutex<()> = Mutex::new(()); // the thread that has locked it may print a record

fn main() -> Outcome {
    let (address, hold) = hold_option(12345, "Sends each message back to front.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    let port = listener.local_addr()?.port();
    say!("Server running on port {port}, listening on {}", address_of(&listener)?);

    let mut number = 0;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                number += 1;
                let thread = thread::Builder::new().name(format!("Thread-{number}"));
                let handler = thread.spawn(move || match hold {
                    Hold::Record => serve(stream, peer, print_locked),
                    Hold::Conversation => serve_locked(stream, peer), // New: the mistake
                });
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Prints a record of two lines. The thread that calls this holds the lock.
fn print_record(text: &str) {
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    say!("  {text}");
}

/// New: holds the lock for one record.
fn print_locked(text: &str) {
    let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
    print_record(text);
}

/// New: holds the lock from a client's first record to its last, and also while the client thinks.
fn serve_locked(stream: TcpStream, peer: SocketAddr) {
    say!("{peer} has a thread, which waits for the lock"); // one line needs no lock
    let _guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
    serve(stream, peer, print_record);
}

/// Serves one client, and prints its records with `print`: one of the two functions above.
fn serve(mut stream: TcpStream, peer: SocketAddr, print: fn(&str)) {
    print(&format!("Connected to: {} : {}", peer.ip(), peer.port()));
    if let Err(error) = converse(&mut stream, print) {
        print(&format!("{peer} was lost: {}", reason(&error)));
    }
    print("Bye");
}

/// The protocol: each message back to front, until the client closes.
fn converse(stream: &mut TcpStream, print: fn(&str)) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        let reply: String = message.chars().rev().collect(); // letters, not bytes
        print(&format!("{} becomes {}", printable(&buffer[..length]), printable(&reply)));
        stream.write_all(reply.as_bytes())?;
    }
}
