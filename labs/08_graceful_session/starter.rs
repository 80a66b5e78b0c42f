//! Practice 08: house full. The server of lab 08, to be changed.
//!
//! At most `--max` conversations at once. The next client is told `Server full, try again later.`
//! and a newline, and is closed. However a conversation ends, its place is free again.
//!
//!     cargo run --example 08_practice -- --max 2        in this terminal
//!     cargo run -- check 08                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Weak, atomic::AtomicBool, atomic::Ordering::Relaxed};
use std::thread;

use socketlab::{Outcome, address_of, max_option, on_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

static STOPPING: AtomicBool = AtomicBool::new(false);

fn main() -> Outcome {
    let (address, _max) = max_option(8000, "Answers until the client quits.");
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
                // TODO: if `_max` conversations are going on, say so to the client and close. A
                // place is free again after quit, end of input, reset, and a panic in the handler.
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                match thread::Builder::new().spawn(move || serve(&stream, peer)) {
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
