//! A free port for a server that takes one by number.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

/// Below the ports that systems give to clients, so that no client can come between.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

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
    /// Picks one by chance.
    ///
    /// # Errors
    /// When none of many is free.
    pub fn pick() -> io::Result<Self> {
        for _ in 0..TRIES {
            let chance = RandomState::new().hash_one(0) % u64::from(COUNT);
            let port = FIRST + u16::try_from(chance).unwrap_or_default();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
            let Ok(sign) = UdpSocket::bind(address) else { continue };
            // Listened to nowhere: neither on loopback nor on all interfaces.
            if TcpListener::bind(address).is_ok() && TcpListener::bind(everywhere).is_ok() {
                return Ok(Self { address, _sign: sign });
            }
        }
        Err(ErrorKind::AddrInUse.into())
    }

    /// Where the server is to listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_picked_twice() {
        let ports: Vec<_> = (0..100).filter_map(|_| FreePort::pick().ok()).collect();
        let mut numbers: Vec<_> = ports.iter().map(|port| port.address().port()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 100);
        assert!(TcpListener::bind(ports[0].address()).is_ok(), "it is free for TCP");
    }
}
