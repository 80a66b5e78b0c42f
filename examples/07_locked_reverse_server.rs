//! Lab 07, the server: same as 06, except that you choose how long the console's lock is held.
//!
//! `--hold record`, the default, holds it for the lines that belong together. `--hold conversation`
//! is the classic mistake: every client has a thread, and yet the second waits for the first.
//!
//!     cargo run --example 07_locked_reverse_server      in this terminal
//!     cargo run --example 07_locked_reverse_client      in two others

use std::fmt::Arguments;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use socketlab::{Conversations, Outcome, hang_up, hold_option, printable, reason};
use socketlab::{report_accept_error, say, stopping, wake_at_ctrl_c};

static CONSOLE: Mutex<()> = Mutex::new(()); // whoever holds it may print a record

fn main() -> Outcome {
    let (address, throughout) = hold_option(12345, "Sends each message back to front.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    wake_at_ctrl_c(&listener)?; // the flag and the knock of lab 05
    let own_address = listener.local_addr()?;
    say!("Server running on port {}, listening on {own_address}", own_address.port());

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if stopping() => break,
            Ok((stream, peer)) => {
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                let thread = thread::Builder::new().name(conversations.next_name());
                let handler = thread.spawn(move || serve(&stream, peer, throughout));
                conversations.add(socket, peer, handler);
            }
            Err(error) => report_accept_error(&error),
        }
    }
    drop(listener); // nobody else gets in
    conversations.end(); // shuts the sockets down and joins the threads, as lab 05 does
    Ok(())
}

/// Locks the console if `wanted`; the lock is held for as long as the guard is kept.
fn lock_console(wanted: bool) -> Option<MutexGuard<'static, ()>> {
    wanted.then(|| CONSOLE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Prints who speaks and what it says. Without `lock` its caller holds the lock already.
fn print_record(lock: bool, text: Arguments<'_>) {
    let _guard = lock_console(lock);
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    say!("  {text}");
}

/// Serves one client. When its thread ends, the socket has no owner any more and is closed.
fn serve(stream: &TcpStream, peer: SocketAddr, throughout: bool) {
    if throughout {
        say!("{peer} has a thread, which waits for the console"); // one line needs no lock
    }
    let _whole = lock_console(throughout); // New: the mistake, with `--hold conversation`
    print_record(!throughout, format_args!("Connected to: {} : {}", peer.ip(), peer.port()));
    if let Err(error) = converse(stream, peer, !throughout) {
        print_record(!throughout, format_args!("{peer} was lost: {}", reason(&error)));
    }
    print_record(!throughout, format_args!("Bye"));
}

/// The protocol: each message back to front, until the client closes.
fn converse(mut stream: &TcpStream, peer: SocketAddr, lock: bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1024];
    while !stopping() {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        let reply: String = message.chars().rev().collect(); // letters, not bytes
        let shown = printable(&buffer[..length]);
        print_record(lock, format_args!("{shown} becomes {}", printable(&reply)));
        stream.write_all(reply.as_bytes())?; // New: outside the lock
    }
    hang_up(stream, peer)
}
