//! Lab 06, the server: same as 05, except that lines which belong together are locked.
//!
//! Its threads print *records* of two lines: who speaks, and what there is to say. Whoever prints
//! one holds the console's lock for both. With `--unlocked` nobody does, and records are torn.
//!
//!     cargo run --example 06_locked_names_server        in this terminal
//!     cargo run --example 06_locked_names_client        in two others

use std::fmt::Arguments;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use socketlab::{Conversations, Outcome, RecordStyle, hang_up, pause, printable, reason};
use socketlab::{record_options, report_accept_error, say, stopping, wake_at_ctrl_c};

static CONSOLE: Mutex<()> = Mutex::new(()); // New: whoever holds it may print a record

fn main() -> Outcome {
    let (address, style) = record_options(2022, "Tells each client what today's lab is about.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    wake_at_ctrl_c(&listener)?; // the flag and the knock of lab 05
    say!("The names server is listening on {}", listener.local_addr()?);

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if stopping() => break,
            Ok((stream, peer)) => {
                print_record(style, format_args!("Connected to : {} : {}", peer.ip(), peer.port()));
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                let thread = thread::Builder::new().name(conversations.next_name());
                let handler = thread.spawn(move || serve(&stream, peer, style));
                conversations.add(socket, peer, handler);
            }
            Err(error) => report_accept_error(&error),
        }
    }
    drop(listener); // nobody else gets in
    conversations.end(); // shuts the sockets down and joins the threads, as lab 05 does
    Ok(())
}

/// Prints who speaks and what it says. New: the lock is held from the first line to the last.
fn print_record(style: RecordStyle, text: Arguments<'_>) {
    let _guard = style.locked.then(|| CONSOLE.lock().unwrap_or_else(PoisonError::into_inner));
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    pause(style.pause);
    say!("  {text}");
} // the guard goes out of scope: that unlocks

/// Serves one client. When its thread ends, the socket has no owner any more and is closed.
fn serve(stream: &TcpStream, peer: SocketAddr, style: RecordStyle) {
    print_record(style, format_args!("new connection : {peer}"));
    if let Err(error) = converse(stream, peer, style) {
        print_record(style, format_args!("{peer} was lost: {}", reason(&error)));
    }
    print_record(style, format_args!("Bye"));
}

/// The protocol: the same reply to every message, until the client closes.
fn converse(mut stream: &TcpStream, peer: SocketAddr, style: RecordStyle) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 1024];
    while !stopping() {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        let text = printable(&buffer[..length]);
        print_record(style, format_args!("Received from the client : {text}"));
        stream.write_all(b"Today we will learn about Multithreading with Socket programming")?;
    }
    hang_up(stream, peer)
}
