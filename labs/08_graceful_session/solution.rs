//! Solution 08: at most `--max` conversations at once, and no place is ever lost.
//!
//!     cargo run --example 08_solution -- --max 2

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak, atomic::AtomicBool, atomic::AtomicUsize, atomic::Ordering::Relaxed};
use std::thread;

use socketlab::{Outcome, address_of, max_option, on_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

static STOPPING: AtomicBool = AtomicBool::new(false);

static TAKEN: AtomicUsize = AtomicUsize::new(0); // New: places that are taken

/// New: a place in the house. However the conversation ends, dropping it gives the place back.
struct Place;

impl Place {
    /// Takes a place, if one is free. Only the loop that accepts calls this, so no other thread can
    /// take the last place between `load` and `fetch_add`.
    fn take(max: usize) -> Option<Self> {
        if TAKEN.load(Relaxed) >= max {
            return None;
        }
        TAKEN.fetch_add(1, Relaxed);
        Some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Relaxed);
    }
}

fn main() -> Outcome {
    let (address, max) = max_option(8000, "Answers until the client quits.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    on_ctrl_c(&listener, |own_address| {
        STOPPING.store(true, Relaxed);
        let _ = TcpStream::connect(own_address);
    })?;
    say!("Server now listening on {}", address_of(&listener)?);

    let mut conversations: Vec<(Weak<TcpStream>, thread::JoinHandle<()>)> = Vec::new();
    loop {
        match listener.accept() {
            _ if STOPPING.load(Relaxed) => break,
            Ok((stream, peer)) => {
                let Some(place) = Place::take(max) else {
                    turn_away(&stream, peer);
                    continue; // New: `stream` is dropped, which closes the connection
                };
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                match thread::Builder::new().spawn(move || serve(&stream, peer, place)) {
                    Ok(handler) => conversations.push((socket, handler)),
                    Err(error) => say!("Thread did not start for {peer}: {}", reason(&error)),
                }
                conversations.retain(|(_, handler)| !handler.is_finished());
            }
            Err(error) => report_and_wait(&error),
        }
    }

    drop(listener);
    for (socket, _) in &conversations {
        if let Some(stream) = socket.upgrade() {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
    for (_, handler) in conversations {
        let _ = handler.join();
    }
    say!("server stopped");
    Ok(())
}

/// New: tells a client that the house is full. The loop does this, so nothing here waits.
fn turn_away(mut stream: &TcpStream, peer: SocketAddr) {
    say!("The house is full, {peer} is turned away");
    let _ = stream.set_nonblocking(true);
    let _ = stream.write_all(b"Server full, try again later.\n");
    let _ = stream.read(&mut [0; 5120]); // unread bytes would make the close a reset
}

/// Serves one client. Its thread alone owns the socket: when it ends, the connection is closed.
/// New: `_place` is dropped before that, so a client that sees the end finds the place free.
fn serve(stream: &TcpStream, peer: SocketAddr, _place: Place) {
    say!("Connected with {peer}");
    match converse(stream, peer) {
        Ok(end) => say!("Connection {peer} closed: {end}"),
        Err(error) => say!("Connection {peer} lost: {}", reason(&error)),
    }
}

/// The protocol: one `-` for each message, until the client quits or closes. Returns how it ended.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<&'static str> {
    let mut buffer = [0; 5120];
    while !STOPPING.load(Relaxed) {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Ok("end of input");
        }
        let message = String::from_utf8_lossy(&buffer[..length]);
        if message.trim_end() == "--quit--" {
            return Ok("the client requested to quit");
        }
        assert!(!message.contains("PANIC"), "a bug in mid-talk"); // leave it in, survive it
        let more = if length < buffer.len() { "" } else { " or more, larger than expected" };
        say!("Processing the input of {peer}: {length} bytes{more}");
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        stream.write_all(b"-")?;
    }
    Ok("the server stops")
}
