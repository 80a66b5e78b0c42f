//! What the servers of exercise 11 share: one thread, `poll`, and clients with half lines.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::{listen, reversed};

/// The longest line that is allowed, with its newline.
pub const MAX_LINE: usize = 1024;

/// A client, and what is not done yet.
pub struct Client {
    pub stream: TcpStream,
    /// Half a line.
    pub unread: Vec<u8>,
    /// The rest of a reply.
    pub unsent: Vec<u8>,
}

/// Serves all clients in this thread, for ever: waits for what each of them `wants`, and calls `serve`
/// for those that are ready. A client leaves when that returns false or an error.
pub fn in_one_thread(
    timeout: Option<Timespec>,
    wants: impl Fn(&Client) -> PollFlags,
    mut serve: impl FnMut(&mut Client) -> io::Result<bool>,
) {
    let listener = listen();
    listener.set_nonblocking(true).unwrap();
    let mut clients: Vec<Client> = Vec::new();
    loop {
        let mut waits = vec![PollFd::new(&listener, PollFlags::IN)];
        waits.extend(clients.iter().map(|client| PollFd::new(&client.stream, wants(client))));
        let _ = poll(&mut waits, timeout.as_ref());
        let ready: Vec<bool> = waits.iter().map(|wait| !wait.revents().is_empty()).collect();
        let mut ready = ready.into_iter();
        if ready.next() == Some(true) {
            clients.extend(accept(&listener));
        }
        clients.retain_mut(|client| ready.next() != Some(true) || stays(serve(client)));
    }
}

fn accept(listener: &TcpListener) -> io::Result<Client> {
    let (stream, peer) = listener.accept()?;
    println!("Connection from {peer}");
    stream.set_nonblocking(true)?;
    Ok(Client { stream, unread: Vec::new(), unsent: Vec::new() })
}

fn stays(served: io::Result<bool>) -> bool {
    served.unwrap_or_else(|error| error.kind() == ErrorKind::WouldBlock)
}

/// The right thing to wait for.
pub fn one_thing(client: &Client) -> PollFlags {
    if client.unsent.is_empty() { PollFlags::IN } else { PollFlags::OUT }
}

/// The right thing to do.
pub fn serve(client: &mut Client) -> io::Result<bool> {
    if client.unsent.is_empty() && !(client.read_once()? && client.answer_lines()) {
        return Ok(false);
    }
    client.write_once()
}

impl Client {
    /// Keeps what has arrived; false at the end of input.
    pub fn read_once(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 1024];
        let length = self.stream.read(&mut buffer)?;
        self.unread.extend_from_slice(&buffer[..length]);
        Ok(length > 0)
    }

    /// Takes the first line, with its newline, if it is complete.
    pub fn take_line(&mut self) -> Option<Vec<u8>> {
        let end = self.unread.iter().position(|byte| *byte == b'\n')?;
        Some(self.unread.drain(..=end).collect())
    }

    /// Answers every line that is complete; false if one is too long.
    pub fn answer_lines(&mut self) -> bool {
        while let Some(line) = self.take_line() {
            if line.len() > MAX_LINE {
                return false;
            }
            self.unsent.extend(answer(&line));
        }
        self.unread.len() < MAX_LINE
    }

    /// Sends what there is room for.
    pub fn write_once(&mut self) -> io::Result<bool> {
        let length = self.stream.write(&self.unsent)?;
        self.unsent.drain(..length);
        Ok(true)
    }
}

/// The reply to a line, which has its newline.
pub fn answer(line: &[u8]) -> Vec<u8> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    (reversed(line) + "\n").into_bytes()
}
