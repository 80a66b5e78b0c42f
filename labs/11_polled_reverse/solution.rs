//! Solution 11: each client's half line is kept until the rest comes.
//!
//!     cargo run --example 11_solution

use std::io::{self, ErrorKind::WouldBlock, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c, printable, reason, report, say};

const MAX_LINE: usize = 1024; // in bytes, with the newline
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 }; // 50 ms

/// What the server must remember of a client. In lab 07 the client's thread knew it.
struct Client {
    stream: TcpStream,
    peer: SocketAddr,
    unread: Vec<u8>, // New: half a line, until the rest comes
    unsent: Vec<u8>, // the rest of a reply; empty while a line is due
}

fn main() -> Outcome {
    let address = Address::parse_server_options(12345, "Sends each message back to front.");
    exit_at_ctrl_c()?;
    let listener = TcpListener::bind(&address).map_err(|error| address.cannot_listen(error))?;
    listener.set_nonblocking(true)?;
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
        retry_on_intr(|| poll(&mut waits, timeout)).map_err(io::Error::from)?;
        let ready: Vec<bool> = waits.iter().map(|wait| !wait.revents().is_empty()).collect();

        let mut ready = ready.into_iter(); // in the order of `waits`: the clients, the listener
        clients.retain_mut(|client| ready.next() == Some(false) || client.serve());
        accept_failed = ready.next() == Some(true) && accept(&listener, &mut clients).is_err();
    }
}

/// Accepts the first client of the backlog.
fn accept(listener: &TcpListener, clients: &mut Vec<Client>) -> io::Result<()> {
    let (stream, peer) = listener.accept().inspect_err(report)?;
    stream.set_nonblocking(true)?; // New: `read` and `write` never wait
    say!("Connected to: {} : {}", peer.ip(), peer.port());
    clients.push(Client { stream, peer, unread: Vec::new(), unsent: Vec::new() });
    Ok(())
}

impl Client {
    /// What `poll` is to report: a line, or room for the rest of a reply. Never both.
    fn waits_for(&self) -> PollFd<'_> {
        let event = if self.unsent.is_empty() { PollFlags::IN } else { PollFlags::OUT };
        PollFd::new(&self.stream, event)
    }

    /// Does what is possible without waiting. Returns whether the client stays.
    fn serve(&mut self) -> bool {
        match self.converse() {
            Ok(true) => return true,
            Err(error) if error.kind() == WouldBlock => return true,
            Ok(false) => say!("{}: Bye", self.peer),
            Err(error) => say!("{} was lost: {}", self.peer, reason(&error)),
        }
        false
    }

    /// The protocol: each line back to front, until the client closes.
    fn converse(&mut self) -> io::Result<bool> {
        if self.unsent.is_empty() {
            let mut buffer = [0; 1024];
            let length = self.stream.read(&mut buffer)?; // New: what has arrived
            if length == 0 {
                return Ok(false);
            }
            self.unread.extend_from_slice(&buffer[..length]);
            // New: all lines that are complete. What is left is half a line.
            while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                if line.len() > MAX_LINE {
                    return Ok(false);
                }
                let line = &line[..end];
                let reply: String = String::from_utf8_lossy(line).chars().rev().collect();
                say!("{}: {} becomes {}", self.peer, printable(line), printable(&reply));
                self.unsent.extend_from_slice(reply.as_bytes());
                self.unsent.push(b'\n');
            }
            if self.unread.len() >= MAX_LINE {
                return Ok(false); // New: with its newline, the line would be too long
            }
        }
        let length = self.stream.write(&self.unsent)?;
        self.unsent = self.unsent.split_off(length);
        Ok(true)
    }
}
