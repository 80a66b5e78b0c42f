//! Practice 05: house full. The server of lab 05, which stops by help of `src/`, to be changed.
//!
//! At most `--max` conversations at once. The next client is told `Server full, try again later.`
//! and a newline, and is closed at once. However a conversation ends, its place is free again.
//!
//!     cargo run --example 05_practice -- --max 2        in this terminal
//!     cargo run -- check 05                             in another, when you are done

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use socketlab::{Conversations, Outcome, max_option, printable, reason};
use socketlab::{report_and_wait, say, skip_the_rest, stopping, wake_at_ctrl_c};

fn main() -> Outcome {
    let (address, _max) = max_option(8000, "Answers each message until the client quits.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    wake_at_ctrl_c(&listener)?; // the flag and the knock of lab 05
    say!("Server now listening on {}", listener.local_addr()?);

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if stopping() => break,
            Ok((stream, peer)) => {
                // TODO: if `_max` conversations are going on, say so to the client and close; but a
                // place is free again after quit, disconnect, reset, and a panic in the handler.
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream);
                let thread = thread::Builder::new().name(conversations.next_name());
                let handler = thread.spawn(move || serve(&stream, peer));
                conversations.add(socket, peer, handler); // reports a thread that did not start
            }
            Err(error) => report_and_wait(&error),
        }
    }
    conversations.end(); // shuts the sockets down and joins the threads, as lab 05 does
    Ok(())
}

/// Serves one client. When its thread ends, the socket has no owner any more and is closed.
fn serve(stream: &TcpStream, peer: SocketAddr) {
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
