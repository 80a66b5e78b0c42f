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
use std::sync::{Arc, Mutex};
use std::thread;

use socketlab::{Address, Conversations, Outcome, printable, reason};
use socketlab::{report_and_wait, say, stopping, wake_at_ctrl_c};

static CONSOLE: Mutex<()> = Mutex::new(()); // who holds it may print a record

fn main() -> Outcome {
    let address = Address::for_server(12345, "Sends each message back to front.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    wake_at_ctrl_c(&listener)?; // the flag and the knock of lab 05
    say!("Server running, listening on {}", listener.local_addr()?);

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if stopping() => break,
            Ok((stream, peer)) => {
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                let thread = thread::Builder::new().name(conversations.next_name());
                let handler = thread.spawn(move || serve(&stream, peer));
                conversations.add(socket, peer, handler);
            }
            Err(error) => report_and_wait(&error),
        }
    }
    conversations.end(); // shuts the sockets down and joins the threads, as lab 05 does
    Ok(())
}

/// Prints who speaks and what it says.
fn print_record(text: &str) {
    say!("{}:", thread::current().name().unwrap_or("unnamed"));
    assert!(!text.contains("PANIC"), "a bug in mid-record"); // leave it in, and survive it
    say!("  {text}");
}

/// Serves one client. When its thread ends, the socket has no owner any more and is closed.
fn serve(stream: &TcpStream, peer: SocketAddr) {
    say!("{peer} has a thread"); // one line needs no lock
    // TODO: hold the lock for one record, not for one client; and go on when it is poisoned.
    let Ok(_guard) = CONSOLE.lock() else {
        say!("{peer} is turned away, because the console's lock is poisoned");
        return;
    };
    print_record(&format!("Connected to: {} : {}", peer.ip(), peer.port()));
    if let Err(error) = converse(stream) {
        print_record(&format!("{peer} was lost: {}", reason(&error)));
    }
    print_record("Bye");
}

/// The protocol: each message back to front, until the client closes.
fn converse(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
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
