//! Practice 07: free the lock. The classic server of lab 07, to be changed.
//!
//! It holds the console's lock for the whole conversation: every client has a thread, and yet the
//! second waits for the first. Hold it for one record, and survive a handler that panics in one.
//!
//!     cargo run --example 07_practice                   in this terminal
//!     cargo run --example 07_locked_reverse_client      in two others
//!     cargo run -- check 07                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

static CONSOLE: Mutex<()> = Mutex::new(()); // the thread that has locked it may print a record

fn main() -> Outcome {
    let address = Address::parse_server_options(12345, "Sends each message back to front.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Server running, listening on {}", address_of(&listener)?);

    let mut number = 0;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                number += 1;
                let thread = thread::Builder::new().name(format!("Thread-{number}"));
                let handler = thread.spawn(move || serve(stream, peer));
                if let Err(error) = handler {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Prints a record of two lines: the thread's name, and the text.
fn print_record(text: &str) {
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    assert!(!text.contains("PANIC"), "a bug in mid-record"); // leave it in, and survive it
    say!("  {text}");
}

/// Serves one client. It owns the socket: when it returns, the connection is closed.
fn serve(mut stream: TcpStream, peer: SocketAddr) {
    say!("{peer} has a thread"); // one line needs no lock
    // TODO: hold the lock for one record, not for one client; and go on when it is poisoned.
    let Ok(_guard) = CONSOLE.lock() else {
        say!("{peer} is turned away, because the console's lock is poisoned");
        return;
    };
    print_record(&format!("Connected to: {} : {}", peer.ip(), peer.port()));
    if let Err(error) = converse(&mut stream) {
        print_record(&format!("{peer} was lost: {}", reason(&error)));
    }
    print_record("Bye");
}

/// The protocol: each message back to front, until the client closes.
fn converse(stream: &mut TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        let reply: String = message.chars().rev().collect(); // letters, not bytes
        print_record(&format!("{} goes back to front", printable(&*message)));
        stream.write_all(reply.as_bytes())?;
    }
}
