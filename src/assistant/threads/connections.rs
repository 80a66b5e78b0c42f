//! TCP connections, as the system has them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::process::system;
use crate::threads::sock_diag::SockDiag;
use crate::threads::table;

/// States of a connection: `include/net/tcp_states.h` of Linux.
const ESTABLISHED: u8 = 0x01;
pub(super) const TIME_WAIT: u8 = 0x06;
const CLOSE_WAIT: u8 = 0x08;
const LISTEN: u8 = 0x0a;

/// A client's connection to the program, as the system has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The client's end.
    pub client: SocketAddr,
    /// Whether the program has accepted it. If not, the system has completed it all the same.
    pub accepted: bool,
    /// How much has arrived that the program has not read, in bytes; the end of input counts 1.
    pub unread: u32,
    /// How much the client has sent that has not arrived, in bytes; 0 for a client on another machine. On a
    /// busy machine the system can take seconds to carry bytes from one end to the other.
    pub arriving: u32,
    /// How much the program has sent that has not arrived, in bytes.
    pub unsent: u32,
}

/// By which the system finds a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ends {
    /// Its own.
    pub local: SocketAddr,
    /// The other one; no address and no port for a socket that listens.
    pub peer: SocketAddr,
    /// The number of the interface that it is bound to; 0 for none.
    pub interface: u32,
}

impl Ends {
    /// Those of a connection, at the end of `local`.
    pub fn new(local: SocketAddr, peer: SocketAddr) -> Self {
        // Addresses of a link hold on one interface only, and a connection between them is bound to it.
        let interface = |end| match end {
            SocketAddr::V6(end) => end.scope_id(),
            SocketAddr::V4(_) => 0,
        };
        let plain = |end: SocketAddr| SocketAddr::new(end.ip().to_canonical(), end.port());
        let interface = interface(local).max(interface(peer));
        Self { local: plain(local), peer: plain(peer), interface }
    }

    /// Those of a socket that listens.
    pub fn of_listener(local: SocketAddr) -> Self {
        let any: IpAddr = match local {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        Self::new(local, SocketAddr::new(any, 0))
    }

    /// Those of the socket at the other end, if it is on this machine.
    pub fn reversed(self) -> Self {
        Self { local: self.peer, peer: self.local, ..self }
    }
}

/// What the system says of a socket: a line of its table, or an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub local: SocketAddr,
    pub peer: SocketAddr,
    /// As in [`Ends`]; 0 in the table, which does not tell.
    pub(super) interface: u32,
    pub(super) state: u8,
    pub unsent: u32,
    pub(super) unread: u32,
    /// The socket's number in the descriptors of its process; 0 for one that belongs to no process:
    /// not accepted yet, or closed already.
    pub inode: u64,
}

impl Row {
    pub(super) fn ends(&self) -> Ends {
        Ends { local: self.local, peer: self.peer, interface: self.interface }
    }

    /// Whether it is the socket with these ends.
    pub(super) fn has(&self, ends: Ends) -> bool {
        (self.local, self.peer) == (ends.local, ends.peer)
    }

    pub fn is_listening(&self) -> bool {
        self.state == LISTEN
    }

    /// Whether this is a completed connection to `listener` that is waiting to be accepted.
    pub fn waits_at(&self, listener: &Self) -> bool {
        // A connection that a process has closed belongs to no process either, but is in other states.
        self.inode == 0
            && matches!(self.state, ESTABLISHED | CLOSE_WAIT)
            && self.local.port() == listener.local.port()
            && (listener.local.ip().is_unspecified() || self.local.ip() == listener.local.ip())
    }

    /// How many connections wait to be accepted, if this listens: some of them may have been reset.
    pub(super) fn pending(&self) -> u32 {
        self.unread
    }

    /// The connection that this is the program's end of. `arriving` bytes are on their way to it.
    pub fn connection(&self, accepted: bool, arriving: u32) -> Connection {
        let Self { peer: client, unread, unsent, .. } = *self;
        Connection { client, accepted, unread, arriving, unsent }
    }
}

/// How often the system may be asked about a connection: where it has only a table of all, that takes milliseconds.
pub fn poll_interval() -> Duration {
    Duration::from_millis(if SockDiag::open().is_some() { 5 } else { 50 })
}

/// Whether a server listens at this address, or at all addresses of its family; where the system tells.
pub fn is_listening(address: SocketAddr) -> Option<bool> {
    Some(SockDiag::open()?.listener_at(address).ok()?.is_some())
}

/// Whether the server at `server` has accepted the connection of `client`. What has not been accepted
/// belongs to no process and has no inode yet.
pub fn accepted(server: SocketAddr, client: SocketAddr) -> Option<bool> {
    find(ends(server, client)).map(|row| row.inode != 0)
}

/// Whether the server at `server` can still send to `client`, and be sent to: its end is established,
/// and neither side has ended its direction.
pub fn is_open(server: SocketAddr, client: SocketAddr) -> Option<bool> {
    find(ends(server, client)).map(|row| row.state == ESTABLISHED)
}

/// How many bytes of `client` have arrived at the server at `server` and have not been read.
pub fn unread(server: SocketAddr, client: SocketAddr) -> Option<u32> {
    find(ends(server, client)).map(|row| row.unread)
}

/// How many bytes of `client` the server has not read, whether or not they have arrived. For some 40 ms, those that
/// have arrived may count twice: as long, the system holds an acknowledgement back.
pub fn unread_or_arriving(server: SocketAddr, client: SocketAddr) -> Option<u32> {
    let ends = ends(server, client);
    let unread = find(ends)?.unread;
    // The client may be on another machine.
    let arriving = find(ends.reversed()).map_or(0, |own_end| own_end.unsent);
    Some(unread.saturating_add(arriving))
}

/// The server's end of a connection.
fn ends(server: SocketAddr, client: SocketAddr) -> Ends {
    // A client that connects to no address in particular is connected to its own.
    let ip = if server.ip().is_unspecified() { client.ip() } else { server.ip() };
    Ends::new(SocketAddr::new(ip, server.port()), client)
}

/// The socket with these ends.
fn find(ends: Ends) -> Option<Row> {
    match SockDiag::open().map(|mut diag| diag.find(ends)) {
        Some(Ok(row)) => row,
        None | Some(Err(_)) => find_in_table(ends),
    }
}

/// The same, in the system's tables.
fn find_in_table(ends: Ends) -> Option<Row> {
    let folder = system::proc()?.join("net");
    ["tcp", "tcp6"]
        .into_iter()
        .find_map(|name| table::rows(&folder.join(name)).into_iter().find(|row| row.has(ends)))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::thread;
    use std::time::{Duration, Instant};

    /// Both ways to learn of a connection.
    const WAYS: [fn(Ends) -> Option<Row>; 2] = [find, find_in_table];

    /// Listeners at which a client arrives by IPv4 and by IPv6, and where it connects to. The last two take
    /// connections of IPv4 as well, unless the system is set up not to.
    fn listeners() -> Vec<(TcpListener, SocketAddr)> {
        let bind = |(at, to): (&str, &str)| {
            let listener = TcpListener::bind(at).ok()?;
            let port = listener.local_addr().unwrap().port();
            Some((listener, SocketAddr::new(to.parse().unwrap(), port)))
        };
        // A system may have no IPv6.
        let all = [
            ("127.0.0.1:0", "127.0.0.1"),
            ("0.0.0.0:0", "127.0.0.1"),
            ("[::1]:0", "::1"),
            ("[::]:0", "::1"),
            ("[::]:0", "127.0.0.1"),
        ];
        all.into_iter().filter_map(bind).collect()
    }

    #[test]
    fn a_connection_is_followed_from_the_queue_to_its_end() {
        for (listener, server) in listeners() {
            for way in WAYS {
                let mut client = TcpStream::connect(server).unwrap();
                let address = client.local_addr().unwrap();
                let row = || way(ends(server, address)).unwrap();
                assert_eq!((row().inode, row().unread), (0, 0), "{server}: in the queue");
                client.write_all(b"four").unwrap();
                let (mut stream, _) = listener.accept().unwrap();
                assert_eq!(stream.peek(&mut [0; 4]).unwrap(), 4);
                assert_eq!((row().unread, row().state), (4, ESTABLISHED), "{server}");
                assert!(row().inode != 0 && row().has(ends(server, address)), "{server}");
                stream.read_exact(&mut [0; 4]).unwrap();
                assert_eq!(row().unread, 0, "{server}");
                drop(client);
                assert_eq!(stream.read(&mut [0; 4]).unwrap(), 0);
                assert_eq!(row().state, CLOSE_WAIT, "{server}");
            }
        }
    }

    #[test]
    fn a_server_at_every_address_is_found_by_that() {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let server = listener.local_addr().unwrap();
        let client = TcpStream::connect(server).unwrap();
        let address = client.local_addr().unwrap();
        assert_eq!(accepted(server, address), Some(false));
        let _stream = listener.accept().unwrap();
        assert_eq!(accepted(server, address), Some(true));
        assert_eq!((is_open(server, address), unread(server, address)), (Some(true), Some(0)));
    }

    #[test]
    fn what_a_server_does_not_read_is_counted_wherever_it_is() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let mut client = TcpStream::connect(server).unwrap();
        let address = client.local_addr().unwrap();
        client.set_nonblocking(true).unwrap();
        let mut sent = 0;
        while let Ok(length) = client.write(&[0; 65_536]) {
            sent += u32::try_from(length).unwrap();
        }
        assert!(unread(server, address).unwrap() < sent, "the rest has not arrived");
        let deadline = Instant::now() + Duration::from_secs(60);
        while unread_or_arriving(server, address) != Some(sent) {
            assert!(Instant::now() < deadline);
            thread::yield_now();
        }
    }

    #[test]
    fn what_is_not_there_is_not_known_although_a_server_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let stranger = SocketAddr::from(([127, 0, 0, 1], 1));
        for way in WAYS {
            assert_eq!(way(ends(server, stranger)), None);
        }
    }
}
