//! The system's table of TCP connections: `/proc/net/tcp` and `tcp6` (proc_net_tcp(5)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// States of a connection: `include/net/tcp_states.h` of Linux.
const ESTABLISHED: u8 = 0x01;
const TIME_WAIT: u8 = 0x06;
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
    /// How much the program has sent that has not arrived, in bytes.
    pub unsent: u32,
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    pub local: SocketAddr,
    pub peer: SocketAddr,
    state: u8,
    unsent: u32,
    unread: u32,
    /// The socket's number in the descriptors of its process; 0 for one that belongs to no process:
    /// not accepted yet, or closed already.
    pub inode: u64,
}

impl Row {
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

    pub fn connection(&self, accepted: bool) -> Connection {
        Connection { client: self.peer, accepted, unread: self.unread, unsent: self.unsent }
    }
}

/// Reads the table. Connections that wait only for their end to be forgotten are passed over, as are its
/// heading and what is no line of it.
pub fn rows(table: &str) -> Vec<Row> {
    table.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<Row> {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    let mut words = line.split_ascii_whitespace().skip(1);
    let (local, peer, state) = (words.next()?, words.next()?, words.next()?);
    let state = u8::from_str_radix(state, 16).ok()?;
    // There can be tens of thousands of them.
    if state == TIME_WAIT {
        return None;
    }
    let (local, peer) = (address(local)?, address(peer)?);
    let (unsent, unread) = words.next()?.split_once(':')?;
    let (unsent, unread) = (number(unsent)?, number(unread)?);
    let inode = words.nth(4)?.parse().ok()?;
    Some(Row { local, peer, state, unsent, unread, inode })
}

fn number(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}

/// Reads an address such as `0100007F:822F`. It consists of words of 32 bits in network order, which
/// the system prints as numbers of its own order.
fn address(text: &str) -> Option<SocketAddr> {
    let (words, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let bytes = |from: usize| Some(number(words.get(from..from + 8)?)?.to_ne_bytes());
    let ip: IpAddr = match words.len() {
        8 => Ipv4Addr::from(bytes(0)?).into(),
        32 => {
            let mut all = [0; 16];
            for (word, place) in all.chunks_exact_mut(4).enumerate() {
                place.copy_from_slice(&bytes(8 * word)?);
            }
            Ipv6Addr::from(all).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the system printed it; on a machine of the other byte order the addresses differ.
    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0539 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 1597 1 0000000005299238 100 0 0 10 0
   1: 0100007F:0539 0100007F:AE52 01 00000000:00000000 00:00000000 00000000     0        0 64214 1 000000005b757410 20 0 0 10 -1
   2: 0100007F:0539 0100007F:AE4E 01 0039B600:00000000 04:0000000F 00000000     0        0 64213 2 000000001b76fe3a 20 0 0 15 -1
   3: 0100007F:0539 0100007F:AE66 05 00000000:00000000 03:00001752 00000000     0        0 0 3 00000000aea23113
   4: 0100007F:0539 0100007F:AE70 01 00000000:00000011 00:00000000 00000000     0        0 0 1 0000000032605e74 20 0 0 10 -1
   5: 0100007F:0539 0100007F:AE72 08 00000000:00000001 00:00000000 00000000     0        0 0 1 0000000032605e74 20 0 0 10 -1
   6: 0100007F:AE70 0100007F:0539 01 00000000:00000000 00:00000000 00000000     0        0 65849 2 000000008c7358e 20 0 0 10 -1
   7: 0000000000000000FFFF00000100007F:0539 0000000000000000FFFF00000100007F:AE80 01 00000000:00000000 00:00000000 00000000     0        0 64220 1 0000000000000000 20 0 0 10 -1
   8: 00000000000000000000000001000000:0539 00000000000000000000000001000000:AE82 01 00000000:00000000 00:00000000 00000000     0        0 64221 1 0000000000000000 20 0 0 10 -1
";

    #[test]
    #[cfg(target_endian = "little")]
    fn the_table_is_read_and_those_not_accepted_are_found() {
        let rows = rows(TABLE);
        assert_eq!(rows.len(), 9);
        assert!(rows[0].is_listening() && !rows[1].is_listening());
        assert_eq!(rows[0].local, SocketAddr::from(([127, 0, 0, 1], 1337)));
        assert_eq!(rows[2].connection(true).unsent, 0x39_b600);
        assert_eq!(rows[7].peer, SocketAddr::from(([127, 0, 0, 1], 0xae80)));
        assert_eq!(rows[8].peer, SocketAddr::from((Ipv6Addr::LOCALHOST, 0xae82)));
        let waiting: Vec<usize> =
            (0..rows.len()).filter(|row| rows[*row].waits_at(&rows[0])).collect();
        assert_eq!(waiting, [4, 5], "not those that are accepted, closed, or a client's own end");
        assert_eq!(rows[4].connection(false).unread, 17);
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        arbtest::arbtest(|bytes| {
            let text: String = bytes.arbitrary()?;
            let _ = rows(&text);
            let _ = rows(&format!("0: {text}:0539 0100007F:AE52 01 0:0 0:0 0 0 0 1"));
            Ok(())
        });
        assert_eq!(rows("0: 0100007F:0539 0100007F:AE52 01"), []);
    }
}
