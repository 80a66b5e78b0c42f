//! Questions to the system about single TCP sockets, and about all: sock_diag(7), which is a part of netlink(7).
//!
//! An answer about one connection takes microseconds, and needs no privileges.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::OnceLock;

use socket2::{Domain, Protocol, Socket, Type};

use crate::process::system;
use crate::threads::connections::{Ends, Row, TIME_WAIT};

// The numbers of Linux: `linux/socket.h`, `uapi/linux/netlink.h`, `uapi/linux/sock_diag.h`, `uapi/linux/in.h`.
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const AF_NETLINK: i32 = 16;
const NETLINK_SOCK_DIAG: i32 = 4;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 1;
const NLM_F_DUMP: u16 = 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const IPPROTO_TCP: u8 = 6;
const ENOENT: i32 = 2;

/// The lengths of a header (`struct nlmsghdr`), of a request (that and a `struct inet_diag_req_v2`) and of an answer
/// (that and a `struct inet_diag_msg`, `uapi/linux/inet_diag.h`), in bytes.
const HEADER: usize = 16;
const REQUEST: u32 = 16 + 56;
const ANSWER: usize = 16 + 72;

/// The states that are asked for, one bit each: all of `include/net/tcp_states.h`, from 1 to 12, but that of
/// connections which wait only for their end to be forgotten.
const STATES: u32 = 0x1ffe & !(1 << TIME_WAIT);

/// How much is read at a time, in bytes: the system gives no more.
const BUFFER: usize = 32 * 1024;

/// A socket for questions.
#[derive(Debug)]
pub struct SockDiag {
    socket: Socket,
    buffer: Vec<u8>,
}

/// A message of the system.
struct Message<'a> {
    kind: u16,
    /// All of it, with its header.
    bytes: &'a [u8],
}

impl SockDiag {
    /// Nothing where the system does not answer: it is not Linux, lacks this part, or a sandbox forbids it.
    pub fn open() -> Option<Self> {
        // A system without this part, and one without such a connection, give the same answer (`ENOENT`).
        static ANSWERS: OnceLock<bool> = OnceLock::new();
        let answers =
            || system::has_sock_diag() && Self::new().is_ok_and(|mut diag| diag.finds_a_listener());
        ANSWERS.get_or_init(answers).then(Self::new)?.ok()
    }

    fn new() -> io::Result<Self> {
        let protocol = Some(Protocol::from(NETLINK_SOCK_DIAG));
        let socket = Socket::new(Domain::from(AF_NETLINK), Type::DGRAM, protocol)?;
        // The answer is there when `write` returns. One that is not must not be waited for.
        socket.set_nonblocking(true)?;
        Ok(Self { socket, buffer: vec![0; BUFFER] })
    }

    /// Whether it finds a socket that is there.
    fn finds_a_listener(&mut self) -> bool {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let own = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
        own.is_some_and(|own| self.listener_at(own).is_ok_and(|row| row.is_some()))
    }

    /// The socket that listens at this address, or at all of which it is one.
    ///
    /// # Errors
    /// When the system does not answer.
    pub fn listener_at(&mut self, address: SocketAddr) -> io::Result<Option<Row>> {
        Ok(self.answer(Ends::of_listener(address))?.filter(Row::is_listening))
    }

    /// The socket with these ends, if there is one.
    ///
    /// # Errors
    /// When the system does not answer.
    pub fn find(&mut self, ends: Ends) -> io::Result<Option<Row>> {
        // For a connection that does not exist, the system tells the socket that listens there.
        Ok(self.answer(ends)?.filter(|row| row.has(ends)))
    }

    fn answer(&mut self, ends: Ends) -> io::Result<Option<Row>> {
        self.socket.write_all(&request(NLM_F_REQUEST, ends))?;
        let length = self.socket.read(&mut self.buffer)?;
        let message = messages(&self.buffer[..length]).next().ok_or(ErrorKind::InvalidData)?;
        match message.kind {
            SOCK_DIAG_BY_FAMILY => Ok(row(message.bytes)),
            NLMSG_ERROR if message.error() == Some(ENOENT) => Ok(None),
            _ => Err(message.refusal()),
        }
    }

    /// Every TCP socket of IPv4, or of IPv6. The system goes through all that it has, which takes milliseconds.
    ///
    /// # Errors
    /// When the system does not answer, or not to the end.
    pub fn all(&mut self, of_ipv6: bool) -> io::Result<Vec<Row>> {
        let any: IpAddr = match of_ipv6 {
            true => Ipv6Addr::UNSPECIFIED.into(),
            false => Ipv4Addr::UNSPECIFIED.into(),
        };
        let any = Ends::of_listener(SocketAddr::new(any, 0));
        self.socket.write_all(&request(NLM_F_REQUEST | NLM_F_DUMP, any))?;
        let mut rows = Vec::new();
        loop {
            let length = self.socket.read(&mut self.buffer)?;
            if length == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            for message in messages(&self.buffer[..length]) {
                match message.kind {
                    SOCK_DIAG_BY_FAMILY => rows.extend(row(message.bytes)),
                    NLMSG_DONE if message.error().is_none() => return Ok(rows),
                    _ => return Err(message.refusal()),
                }
            }
        }
    }
}

impl Message<'_> {
    /// The number of the error that it tells, if it does: the system writes it as a negative number.
    fn error(&self) -> Option<i32> {
        let number = i32::from_ne_bytes(array(self.bytes, HEADER)?);
        (number != 0).then_some(-number)
    }

    fn refusal(&self) -> io::Error {
        match self.error() {
            Some(number) if matches!(self.kind, NLMSG_ERROR | NLMSG_DONE) => {
                io::Error::from_raw_os_error(number)
            }
            _ => ErrorKind::InvalidData.into(),
        }
    }
}

/// A `struct nlmsghdr`, and a `struct inet_diag_req_v2` behind it.
fn request(flags: u16, ends: Ends) -> Vec<u8> {
    // A socket of IPv6 that has an IPv4 client is found in both families.
    let family = if ends.local.is_ipv4() { AF_INET } else { AF_INET6 };
    let mut bytes = Vec::new();
    bytes.extend(REQUEST.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend([0; 8]); // the numbers of the request and of the sender, which need none
    bytes.extend([family, IPPROTO_TCP, 0, 0]);
    bytes.extend(STATES.to_ne_bytes());
    bytes.extend(ends.local.port().to_be_bytes());
    bytes.extend(ends.peer.port().to_be_bytes());
    bytes.extend(words(ends.local.ip()));
    bytes.extend(words(ends.peer.ip()));
    bytes.extend(ends.interface.to_ne_bytes());
    bytes.extend([0xff; 8]); // no cookie (`INET_DIAG_NOCOOKIE`)
    bytes
}

/// The bytes of an address, with zeros behind those of IPv4.
fn words(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V6(ip) => ip.octets(),
        IpAddr::V4(ip) => {
            let mut words = [0; 16];
            words[..4].copy_from_slice(&ip.octets());
            words
        }
    }
}

/// The messages in what was read: each begins at a multiple of four bytes. What is cut off is left out.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || {
        let length = u32::from_ne_bytes(array(bytes, 0)?);
        let length = usize::try_from(length).ok().filter(|length| *length >= HEADER)?;
        let kind = u16::from_ne_bytes(array(bytes, 4)?);
        let message = Message { kind, bytes: bytes.get(..length)? };
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some(message)
    })
}

/// Reads the `struct inet_diag_msg` of a message.
fn row(message: &[u8]) -> Option<Row> {
    let message = message.get(..ANSWER)?.get(HEADER..)?;
    let [family, state] = array(message, 0)?;
    let ip = |at| -> Option<IpAddr> {
        match family {
            AF_INET => Some(Ipv4Addr::from(array::<4>(message, at)?).into()),
            AF_INET6 => Some(Ipv6Addr::from(array::<16>(message, at)?).to_canonical()),
            _ => None,
        }
    };
    let port = |at| Some(u16::from_be_bytes(array(message, at)?));
    let number = |at| Some(u32::from_ne_bytes(array(message, at)?));
    if state == TIME_WAIT {
        return None;
    }
    let (local, peer) = (SocketAddr::new(ip(8)?, port(4)?), SocketAddr::new(ip(24)?, port(6)?));
    Some(Row {
        local,
        peer,
        interface: number(40)?,
        state,
        unread: number(56)?,
        unsent: number(60)?,
        inode: number(68)?.into(),
    })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_passed_over() {
        arbtest::arbtest(|bytes| {
            let mut text: Vec<u8> = bytes.arbitrary()?;
            let read = |text: &[u8]| messages(text).filter_map(|it| row(it.bytes)).count();
            read(&text);
            text.splice(..0, [100, 0, 0, 0, 20, 0, 0, 0]);
            read(&text);
            Ok(())
        });
        assert_eq!(messages(&[0; 64]).count(), 0, "a length of nothing");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod linux {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::net::TcpStream;

    /// Nothing where a sandbox lets no such socket be made. Wherever it does, the system must answer.
    fn diag() -> Option<SockDiag> {
        SockDiag::new().ok()?;
        Some(SockDiag::open().unwrap())
    }

    #[test]
    fn for_no_connection_the_listener_answers_and_is_not_taken_for_one() {
        let Some(mut diag) = diag() else { return };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        let ends = Ends::new(server, SocketAddr::from(([127, 0, 0, 1], 1)));
        assert!(diag.answer(ends).unwrap().unwrap().is_listening());
        assert_eq!(diag.find(ends).unwrap(), None);
        drop(listener);
        assert_eq!(diag.answer(ends).unwrap(), None, "nothing is there");
        assert_eq!(diag.listener_at(server).unwrap(), None);
    }

    #[test]
    fn a_listener_tells_how_many_connections_wait() {
        let Some(mut diag) = diag() else { return };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        for count in 0..3 {
            let _client = TcpStream::connect(server).unwrap();
            // It has gone, and is in the queue all the same.
            assert_eq!(diag.listener_at(server).unwrap().unwrap().pending(), count + 1);
        }
    }

    #[test]
    fn a_client_by_ipv4_of_a_listener_by_ipv6_is_found_in_both_families() {
        let Some(mut diag) = diag() else { return };
        // A system may have no IPv6, or may be set up to keep the two apart.
        let Ok(listener) = TcpListener::bind("[::]:0") else { return };
        let own = listener.local_addr().unwrap();
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, own.port()));
        let Ok(client) = TcpStream::connect(server) else { return };
        let client = client.local_addr().unwrap();
        let row = diag.find(Ends::new(server, client)).unwrap().unwrap();
        assert!(row.local.is_ipv4() && row.peer.is_ipv4());
        // The same ends as the system writes them in the other family.
        let mapped = |end: SocketAddr| match end.ip() {
            IpAddr::V4(ip) => SocketAddr::new(ip.to_ipv6_mapped().into(), end.port()),
            IpAddr::V6(_) => end,
        };
        let ends = Ends { local: mapped(server), peer: mapped(client), interface: 0 };
        assert_eq!(diag.answer(ends).unwrap(), Some(row));
        assert!(diag.all(true).unwrap().contains(&row) && !diag.all(false).unwrap().contains(&row));
        // Its listener is told by where it is bound, and found by that.
        let listener = diag.listener_at(server).unwrap().unwrap();
        assert_eq!(listener.local, own);
        assert_eq!(diag.find(listener.ends()).unwrap(), Some(listener));
    }

    #[test]
    fn all_are_told_that_are_asked_for_one_by_one() {
        let Some(mut diag) = diag() else { return };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap();
        // More than the system tells at a time.
        let clients: Vec<_> = (0..100).map(|_| TcpStream::connect(server).unwrap()).collect();
        let all = diag.all(false).unwrap();
        for client in clients {
            let ends = Ends::new(server, client.local_addr().unwrap());
            for ends in [ends, ends.reversed()] {
                let row = diag.find(ends).unwrap().unwrap();
                assert!(all.contains(&row), "{row:?}");
            }
        }
    }
}
