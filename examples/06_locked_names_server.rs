//! Lab 06, the server: same as 05, except that lines which belong together are locked.
//!
//! Its threads print *records* of two lines: the thread's name, and what it has to say. The thread
//! that prints one holds the console's lock for both lines. With `--unlocked` it does not, and
//! records are torn.
//!
//!     cargo run --example 06_locked_names_server        in this terminal
//!     cargo run --example 06_locked_names_client        in two others

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};
use std::thread;

use socketlab::{Outcome, RecordStyle, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, record_options, report_and_wait, say};

static CONSOLE: Mutex<()> = Mutex::new(()); // New: the thread that has locked it may print a record

fn main() -> Outcome {
    let (address, style) = record_options(2022, "Tells each client what today's lab is about.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("The names server is listening on {}", address_of(&listener)?);

    let mut number = 0;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                number += 1;
                print_record(style, &format!("Connected to : {} : {}", peer.ip(), peer.port()));
                let thread = thread::Builder::new().name(format!("Thread-{number}")); // New: a name
                let handler = thread.spawn(move || serve(stream, peer, style));
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Prints the thread's name and what it has to say. New: the lock is held for both lines.
fn print_record(style: RecordStyle, text: &str) {
    let guard = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner); // New: waits for its turn
    if style.unlocked {
        drop(guard); // unlocks at once: now two threads can be below this line
    }
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    thread::sleep(style.pause);
    say!("  {text}");
} // New: the guard goes out of scope here, which unlocks

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr, style: RecordStyle) {
    print_record(style, &format!("new connection : {peer}"));
    if let Err(error) = converse(&mut stream, style) {
        print_record(style, &format!("{peer} was lost: {}", reason(&error)));
    }
    print_record(style, "Bye");
}

/// The protocol: the same reply to every message, until the client closes.
fn converse(stream: &mut TcpStream, style: RecordStyle) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let text = printable(&buffer[..length]);
        print_record(style, &format!("Received from the client : {text}"));
        stream.write_all(b"Today we will learn about Multithreading with Socket programming")?;
    }
}
