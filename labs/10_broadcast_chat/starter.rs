//! Practice 10: the slow listener. A chat server that writes to all guests itself, to be changed.
//!
//! It writes while it holds the room's lock: one guest that never reads stops all others. Give each
//! guest an outbox for 100 lines. A guest whose outbox is full loses its place.
//!
//!     cargo run --example 10_practice                   in this terminal
//!     cargo run --example 10_broadcast_chat_client      in two others
//!     cargo run -- check 10                             in another, when you are done

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c};
use socketlab::{printable, reason, report_and_wait, say};

const MAX_LINE: u64 = 1024; // bytes, the newline included
const PACE: Duration = Duration::from_millis(1); // the sleep after each line of a guest

static ROOM: Mutex<Vec<Guest>> = Mutex::new(Vec::new()); // the guests, for all threads

/// A guest in the room.
struct Guest {
    number: u32,
    socket: Arc<TcpStream>,
}

impl Drop for Guest {
    /// Runs when a guest is taken out of the room, and closes its connection.
    fn drop(&mut self) {
        let _ = self.socket.shutdown(Shutdown::Both); // its thread wakes up and ends
    }
}

fn main() -> Outcome {
    let address = Address::parse_server_options(9000, "Tells each guest what the others say.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    say!("Chat server running, listening on {}", address_of(&listener)?);

    let mut number = 0;
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                number += 1;
                let thread = thread::Builder::new().name(format!("Guest-{number}"));
                if let Err(error) = thread.spawn(move || serve(stream, peer, number)) {
                    say!("Thread did not start, {peer} is turned away: {}", reason(&error));
                }
            }
            Err(error) => report_and_wait(&error),
        }
    }
}

/// Serves one guest: this thread reads what the guest says.
fn serve(stream: TcpStream, peer: SocketAddr, number: u32) {
    let socket = Arc::new(stream);
    enter(Arc::clone(&socket), number);
    say!("Guest-{number} has come from {peer}");
    match converse(&socket, number) {
        Ok(()) => say!("Guest-{number} has left"),
        Err(error) => say!("Guest-{number} at {peer} was lost: {}", reason(&error)),
    }
    ROOM.lock().unwrap_or_else(PoisonError::into_inner).retain(|guest| guest.number != number);
    tell_others(number, &format!("Guest-{number} has left.\n"));
}

/// Tells the others that a guest has come, and gives the guest its number and a place in the room.
fn enter(socket: Arc<TcpStream>, number: u32) {
    tell_others(number, &format!("Guest-{number} has come.\n"));
    let mut room = ROOM.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = (&*socket).write_all(format!("You are Guest-{number}.\n").as_bytes());
    room.push(Guest { number, socket });
}

/// Tells all others. A guest that cannot be told is taken out of the room.
fn tell_others(number: u32, line: &str) {
    let mut room = ROOM.lock().unwrap_or_else(PoisonError::into_inner);
    // TODO: `write_all` waits for a guest that does not read, and the room stays locked meanwhile.
    room.retain(|guest| {
        guest.number == number || (&*guest.socket).write_all(line.as_bytes()).is_ok()
    });
}

/// The protocol: each line goes to all others, until `bye` or the end of input.
fn converse(socket: &TcpStream, number: u32) -> io::Result<()> {
    let mut reader = BufReader::new(socket);
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)?;
        match line.trim_ascii_end() {
            _ if !line.ends_with(b"\n") => return Ok(()), // the end of input, or a line too long
            b"bye" => return Ok(()),
            b"" => {} // nothing was said
            text => tell_others(number, &format!("Guest-{number}: {}\n", printable(text))),
        }
        thread::sleep(PACE); // else one guest could fill the outboxes of guests that do read
    }
}
