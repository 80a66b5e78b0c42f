//! Lab 08, the server: same as 05, except that it stops cleanly.
//!
//! At Ctrl-C it accepts no more clients, wakes the threads that wait for a message, completes
//! every reply that it has begun, and waits for all threads.
//!
//!     cargo run --example 08_graceful_session_server    in this terminal
//!     cargo run --example 08_graceful_session_client    in two others

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak, atomic::AtomicBool, atomic::Ordering::Relaxed};
use std::thread;

use socketlab::{Address, Outcome, address_of, on_ctrl_c, printable, reason, report_and_wait, say};

static STOPPING: AtomicBool = AtomicBool::new(false); // New: one thread sets it, all others read it

fn main() -> Outcome {
    let address = Address::parse_server_options(8000, "Answers until the client quits.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    on_ctrl_c(&listener, |own_address| {
        STOPPING.store(true, Relaxed); // New: first the flag,
        let _ = TcpStream::connect(own_address); // New: then the knock: a blocked `accept` returns
    })?;
    say!("Server now listening on {}", address_of(&listener)?);

    let mut conversations: Vec<(Weak<TcpStream>, thread::JoinHandle<()>)> = Vec::new();
    loop {
        match listener.accept() {
            _ if STOPPING.load(Relaxed) => break, // New: this was the knock, most likely
            Ok((stream, peer)) => {
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream); // New: a handle that does not keep it open
                match thread::Builder::new().spawn(move || serve(&stream, peer)) {
                    Ok(handler) => conversations.push((socket, handler)),
                    Err(error) => say!("Thread did not start for {peer}: {}", reason(&error)),
                }
                conversations.retain(|(_, handler)| !handler.is_finished());
            }
            Err(error) => report_and_wait(&error),
        }
    }

    drop(listener); // New: from now on, a client that connects is refused
    for (socket, _) in &conversations {
        if let Some(stream) = socket.upgrade() {
            let _ = stream.shutdown(Shutdown::Read); // New: the wake: a blocked `read` returns 0
        }
    }
    for (_, handler) in conversations {
        let _ = handler.join(); // New: the process does not end before the last reply is written
    }
    say!("server stopped");
    Ok(())
}

/// Serves one client. Its thread alone owns the socket: when it ends, the connection is closed.
fn serve(stream: &TcpStream, peer: SocketAddr) {
    say!("Connected with {peer}");
    match converse(stream, peer) {
        Ok(end) => say!("Connection {peer} closed: {end}"),
        Err(error) => say!("Connection {peer} lost: {}", reason(&error)),
    }
}

/// The protocol: one `-` for each message, until the client quits or closes. Returns how it ended.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<&'static str> {
    let mut buffer = [0; 5120];
    // New: once the server stops, it reads no further message, even if one has arrived.
    while !STOPPING.load(Relaxed) {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok("end of input");
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        if message.trim_end() == "--quit--" {
            return Ok("the client requested to quit");
        }
        let more = if length < buffer.len() { "" } else { " or more, larger than expected" };
        say!("Processing the input of {peer}: {length} bytes{more}");
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        stream.write_all(b"-")?;
    }
    Ok("the server stops")
}
