//! Lab 05, the server: same as 04, except that conversations are long and the server stops cleanly.
//!
//! Each message is answered with `-`, until the client says `--quit--` or is gone. Ctrl-C ends the
//! conversations that are idle, waits for every thread and says how many clients were served.
//!
//!     cargo run --example 05_threaded_session_server    in this terminal
//!     cargo run --example 05_threaded_session_client    in two others

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use socketlab::{Conversations, Outcome, hang_up, on_ctrl_c, printable, reason};
use socketlab::{report_accept_error, say, say_stopped, skip_the_rest, stack_option};

static STOPPING: AtomicBool = AtomicBool::new(false);

fn main() -> Outcome {
    let (address, stack) = stack_option(8000, "Answers each message until the client quits.");
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Socket created and bound to {address}");
    on_ctrl_c(&listener, |own_address| {
        STOPPING.store(true, Ordering::SeqCst); // New: first the flag,
        let _ = TcpStream::connect(own_address); // then a knock, because `accept` would sleep on
    })?;
    say!("Server now listening on {}", listener.local_addr()?);

    let mut conversations = Conversations::default();
    loop {
        match listener.accept() {
            _ if STOPPING.load(Ordering::SeqCst) => break, // New: it was the knock
            Ok((stream, peer)) => {
                let stream = Arc::new(stream);
                let socket = Arc::downgrade(&stream); // New: may shut it down, does not own it
                let thread =
                    thread::Builder::new().name(conversations.next_name()).stack_size(stack);
                let handler = thread.spawn(move || serve(&stream, peer));
                conversations.add(socket, peer, handler); // reports a thread that did not start
            }
            Err(error) => report_accept_error(&error),
        }
    }

    drop(listener); // New: nobody else gets in
    for stream in conversations.open_sockets() {
        let _ = stream.shutdown(Shutdown::Read); // New: its input ends, a reply still goes out
    }
    conversations.cut_off_late(); // New: 0.4 s from now, whoever is still there
    for handler in conversations.handlers() {
        let _ = handler.join(); // New: no thread is left behind
    }
    say_stopped();
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
    stream.set_nodelay(true)?; // New: no reply waits until the one before is acknowledged
    while !STOPPING.load(Ordering::SeqCst) {
        stream.peek(&mut [0])?; // New: waits here, so that an idle client needs no buffer
        let mut buffer = vec![0; 5120];
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            say!("{peer} has no more to say, without --quit--");
            break; // New: else the loop would spin on empty reads
        }
        skip_the_rest(stream, peer, length, buffer.len())?; // New: if the message was too long
        let message = String::from_utf8_lossy(&buffer[..length]);
        if message.trim_end() == "--quit--" {
            say!("{peer} is requesting to quit");
            break;
        }
        say!("Processing the input of {peer}");
        say!("Processed result: Hello {}", printable(&message.to_uppercase()));
        stream.write_all(b"-")?;
    }
    hang_up(stream, peer)
}
