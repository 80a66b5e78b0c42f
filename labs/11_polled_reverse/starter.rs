//! Practice 11: half a line. The server of lab 11, to be changed.
//!
//! It answers *lines*, and reads them as the solution of exercise 05 does: with a `BufReader` and
//! `read_until`, which wait for the newline. One client's half line stops all clients.
//!
//!     cargo run --example 11_practice                   in this terminal
//!     cargo run --example nc -- 12345                   in two others
//!     cargo run -- check 11                             in another, when you are done

use std::io::{self, BufRead, BufReader, ErrorKind::WouldBlock, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use socketlab::{Address, Outcome, address_of, exit_at_ctrl_c, printable, reason, report, say};

const MAX_LINE: u64 = 1024; // in bytes, with the newline
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 }; // 50 ms

/// What the server must remember of a client. In lab 07 the client's thread knew it.
struct Client {
    reader: BufReader<TcpStream>, // owns the socket; you may replace it
    peer: SocketAddr,
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
    say!("Connected to: {} : {}", peer.ip(), peer.port());
    clients.push(Client { reader: BufReader::new(stream), peer, unsent: Vec::new() });
    Ok(())
}

impl Client {
    /// What `poll` is to report: a line, or room for the rest of a reply. Never both.
    fn waits_for(&self) -> PollFd<'_> {
        let event = if self.unsent.is_empty() { PollFlags::IN } else { PollFlags::OUT };
        PollFd::new(self.reader.get_ref(), event)
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
            // TODO: `poll` says that something has arrived. If it is half a line, this waits.
            let mut line = Vec::new();
            (&mut self.reader).take(MAX_LINE).read_until(b'\n', &mut line)?;
            let Some(line) = line.strip_suffix(b"\n") else {
                return Ok(false); // the end of input, or a line that is too long
            };
            let reply: String = String::from_utf8_lossy(line).chars().rev().collect();
            say!("{}: {} becomes {}", self.peer, printable(line), printable(&reply));
            self.unsent = (reply + "\n").into_bytes();
        }
        let length = self.reader.get_mut().write(&self.unsent)?;
        self.unsent = self.unsent.split_off(length);
        Ok(true)
    }
}
