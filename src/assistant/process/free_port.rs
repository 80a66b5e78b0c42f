//! A free port for a server that takes one by number.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use socketlab::Failure;

/// Below the ports that systems give to clients, so that no client can come between.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// How long a server on this machine may take to answer. Windows takes two seconds to say that none is there.
const ANSWER_TIME: Duration = Duration::from_millis(50);

/// How many ports are tried.
const TRIES: usize = 200;

/// A port that is free for a TCP server.
///
/// While this exists, no other checker takes it: the UDP port of the same number is the sign.
#[derive(Debug)]
pub struct FreePort {
    address: SocketAddr,
    _sign: UdpSocket,
}

impl FreePort {
    /// Picks one by chance. Fails when none of many is free.
    pub fn pick() -> Result<Self, Failure> {
        for _ in 0..TRIES {
            let chance = RandomState::new().hash_one(0) % u64::from(COUNT);
            let port = FIRST + u16::try_from(chance).unwrap_or_default();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let Ok(sign) = UdpSocket::bind(address) else { continue };
            // On loopback alone: beyond it, the firewall of Windows would ask. A server that has the
            // port on every interface answers; only Linux refuses it on loopback then.
            if TcpListener::bind(address).is_ok()
                && TcpStream::connect_timeout(&address, ANSWER_TIME).is_err()
            {
                return Ok(Self { address, _sign: sign });
            }
        }
        Err(Failure::new("no free port was found: end some of the programs that listen"))
    }

    /// Where the server is to listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
