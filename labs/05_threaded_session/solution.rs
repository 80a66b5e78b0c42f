//! Solution 05: at most `--max` conversations at once, and no place is ever lost.
//!
//!     cargo run --example 05_solution -- --max 2

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use socketlab::{Conversations, Outcome, max_option, printable, reason};
use socketlab::{report_accept_error, say, skip_the_rest, stopping, wake_at_ctrl_c};

static TAKEN: AtomicUsize = AtomicUsize::new(0); // New: places that are taken

/// New: a place in the house. However the conversation ends, dropping this gives the place back.
struct Place;

impl Place {
    fn take(max: usize) -> Option<Self> {
        // To look and to take is one step, so that two cannot take the last place.
        let one_more = |taken| (taken < max).then_some(taken + 1);
        TAKEN.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more).ok().map(|_| Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        TAKEN.fetch_sub(1, Ordering::SeqCst);
    }
}

fn main() -> Outcome {
    let (address, max) = max_option(8000, "Answers each message until the client quits.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    wake_at_ctrl_c(&listener)?; // the flag and the knock of lab 05
    say!("Server now listening on {}", listener.local_addr()?);

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if stopping() => break,
            Ok((stream, peer)) => {
                let Some(place) = Place::take(max) else {
                    turn_away(&stream, peer);
                    continue; // New: `stream` is dropped, which closes the connection
                };
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                let thread = thread::Builder::new().name(conversations.next_name());
                let handler = thread.spawn(move || serve(&stream, peer, place));
                conversations.add(socket, peer, handler); // reports a thread that did not start
            }
            Err(error) => report_accept_error(&error),
        }
    }
    conversations.end(); // shuts the sockets down and joins the threads, as lab 05 does
    Ok(())
}

/// New: tells a client that the house is full. `main` does this, so nothing here waits.
fn turn_away(mut stream: &TcpStream, peer: SocketAddr) {
    say!("The house is full, {peer} is turned away");
    let _ = stream.set_nonblocking(true);
    let _ = stream.write_all(b"Server full, try again later.\n");
    let _ = stream.read(&mut [0; 5120]); // unread bytes would make the close a reset
}

/// Serves one client. When its thread ends, the socket has no owner any more and is closed.
fn serve(stream: &TcpStream, peer: SocketAddr, _place: Place) {
    say!("Connected with {peer}");
    if let Err(error) = converse(stream, peer) {
        say!("{peer} was lost: {}", reason(&error));
    }
    say!("Connection {peer} closed");
}

/// The protocol: one `-` for each message, until the client quits or is gone.
fn converse(mut stream: &TcpStream, peer: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    loop {
        stream.peek(&mut [0])?; // waits here, so that an idle client needs no buffer
        let mut buffer = vec![0; 5120];
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            say!("{peer} has no more to say, without --quit--");
            return Ok(());
        }
        skip_the_rest(stream, peer, length, buffer.len())?;
        let message = String::from_utf8_lossy(&buffer[..length]);
        if message.trim_end() == "--quit--" {
            say!("{peer} is requesting to quit");
            return Ok(());
        }
        say!("Processing the input of {peer}");
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        stream.write_all(b"-")?;
    }
}
