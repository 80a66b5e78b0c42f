//! The addresses of a listener: for people who want to connect, and for the server itself.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

/// The listener's address, and for a listener on every interface also the address that other
/// machines connect to, as far as the system knows one.
///
/// # Errors
/// When the system does not tell the listener's address (getsockname(2)).
pub fn address_of(listener: &TcpListener) -> io::Result<String> {
    let address = listener.local_addr()?;
    if !address.ip().is_unspecified() {
        return Ok(address.to_string());
    }
    Ok(match outgoing_ip(address.ip()) {
        Some(ip) => {
            let reached = SocketAddr::new(ip, address.port());
            format!("{address}; other machines connect to {reached}")
        }
        None => format!("{address}; other machines connect to this machine's own address"),
    })
}

/// The address at which this machine reaches the listener: loopback when it listens on every
/// interface, because not every system lets a client connect to `0.0.0.0`.
///
/// # Errors
/// When the system does not tell the listener's address (getsockname(2)).
pub fn own_address(listener: &TcpListener) -> io::Result<SocketAddr> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}

/// The address that packets to other machines leave from. Connecting a UDP socket sends nothing: it
/// only makes the system choose. The peer is an address for documentation (RFC 5737, RFC 3849).
fn outgoing_ip(unspecified: IpAddr) -> Option<IpAddr> {
    let anywhere: IpAddr = match unspecified {
        IpAddr::V4(_) => Ipv4Addr::new(192, 0, 2, 1).into(),
        IpAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    };
    let socket = UdpSocket::bind((unspecified, 0)).ok()?;
    socket.connect((anywhere, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_interface_reaches_itself_by_loopback() -> io::Result<()> {
        for (bound, reached) in
            [("0.0.0.0:0", "127.0.0.1"), ("[::]:0", "::1"), ("127.0.0.1:0", "127.0.0.1")]
        {
            let listener = TcpListener::bind(bound)?;
            let address = own_address(&listener)?;
            assert_eq!(address.ip().to_string(), reached);
            assert_eq!(address.port(), listener.local_addr()?.port());
        }
        Ok(())
    }

    #[test]
    fn only_a_server_on_every_interface_says_where_others_connect() -> io::Result<()> {
        let everywhere = TcpListener::bind("0.0.0.0:0")?;
        let shown = address_of(&everywhere)?;
        let start = format!("{}; other machines connect to ", everywhere.local_addr()?);
        assert!(shown.starts_with(&start), "{shown}");
        let here = TcpListener::bind("127.0.0.1:0")?;
        assert_eq!(address_of(&here)?, here.local_addr()?.to_string());
        Ok(())
    }
}
