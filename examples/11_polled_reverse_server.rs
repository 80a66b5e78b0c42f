//! Lab 11, the server: same as 07, except that one thread waits for all clients in one call.
//!
//! `poll` returns when a socket is ready: it has a new client, a message, or room for the rest of a
//! reply. No other call waits, so no client makes another one wait.
//!
//!     cargo run --example 11_polled_reverse_server      in this terminal
//!     cargo run --example 11_polled_reverse_client      in two others

use std::io::{self, ErrorKind::WouldBlock, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c, printable, reason, report, say};

const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 }; // 50 ms

/// New: what the server must remember of a client. In lab 07 the client's thread knew it.
struct Client {
    stream: TcpStream,
    peer: SocketAddr,
    unsent: Vec<u8>, // the rest of a reply; empty while a message is due
}

fn main() -> Outcome {
    let address = Address::parse_server_options(12345, "Sends each message back to front.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    listener.set_nonblocking(true)?; // New: `accept` never waits
    let port = listener.local_addr()?.port();
    say!("Server running on port {port}, listening on {}", address_of(&listener)?);

    let mut clients = Vec::new();
    let mut accept_failed = false;
    loop {
        let mut waits: Vec<_> = clients.iter().map(Client::waits_for).collect();
        if !accept_failed {
            waits.push(PollFd::new(&listener, PollFlags::IN));
        }
        let timeout = if accept_failed { Some(&PAUSE) } else { None };
        // New: the one call that waits. It has a timeout only after `accept` has failed.
        retry_on_intr(|| poll(&mut waits, timeout)).map_err(io::Error::from)?;
        let ready: Vec<bool> = waits.iter().map(|wait| !wait.revents().is_empty()).collect();

        let mut ready = ready.into_iter(); // in the order of `waits`: the clients, the listener
        clients.retain_mut(|client| ready.next() == Some(false) || client.serve());
        accept_failed = ready.next() == Some(true) && accept(&listener, &mut clients).is_err();
    }
}

/// Accepts the first client of the backlog.
fn accept(listener: &TcpListener, clients: &mut Vec<Client>) -> io::Result<()> {
    let (stream, peer) = listener.accept().inspect_err(report)?; // prints an error, and returns it
    stream.set_nonblocking(true)?; // New: `read` and `write` never wait
    say!("Connected to: {} : {}", peer.ip(), peer.port());
    clients.push(Client { stream, peer, unsent: Vec::new() });
    Ok(())
}

impl Client {
    /// New: what `poll` is to report: a message, or room for the rest of a reply. Never both.
    fn waits_for(&self) -> PollFd<'_> {
        let event = if self.unsent.is_empty() { PollFlags::IN } else { PollFlags::OUT };
        PollFd::new(&self.stream, event)
    }

    /// Does what is possible without waiting. Returns whether the client stays.
    fn serve(&mut self) -> bool {
        match self.converse() {
            Ok(true) => return true,
            Err(error) if error.kind() == WouldBlock => return true, // New: `poll` says when
            Ok(false) => say!("{}: Bye", self.peer),
            Err(error) => say!("{} was lost: {}", self.peer, reason(&error)),
        }
        false
    }

    /// The protocol: each message back to front, until the client closes.
    fn converse(&mut self) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let mut buffer = [0; 1024];
            let length = self.stream.read(&mut buffer)?;
            if length == 0 {
                return Ok(false);
            }
            let message = String::from_utf8_lossy(&buffer[..length]);
            let reply: String = message.chars().rev().collect(); // letters, not bytes
            say!("{}: {} becomes {}", self.peer, printable(&buffer[..length]), printable(&reply));
            self.unsent = reply.into_bytes();
        }
        let length = self.stream.write(&self.unsent)?; // New: as much as there is room for
        self.unsent = self.unsent.split_off(length);
        Ok(true)
    }
}
