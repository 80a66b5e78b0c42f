//! The system's tables of TCP connections: `/proc/net/tcp` and `tcp6` (proc_net_tcp(5)).
//!
//! A look at one costs milliseconds, whatever it holds: this is for systems that do not answer as
//! [`sock_diag`](super::sock_diag) asks.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use crate::threads::connections::{Row, TIME_WAIT};

/// How much the system gives in one read, in bytes.
const PAGE: usize = 4096;

/// Reads a table. Connections that wait only for their end to be forgotten are passed over, as are its
/// heading and what is no line of it.
pub fn rows(table: &Path) -> Vec<Row> {
    // What cannot be read has no lines; the system writes ASCII.
    let table = String::from_utf8(read_table(table).unwrap_or_default()).unwrap_or_default();
    parse(&table)
}

/// Reads a table of many lines. Each read gives a page of whole lines. Another read, only to learn that
/// this was the last page, costs a search of everything: so a page that is not half full is the last one.
fn read_table(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    let mut page = [0; PAGE];
    loop {
        let length = file.read(&mut page)?;
        bytes.extend_from_slice(&page[..length]);
        if length < PAGE / 2 {
            return Ok(bytes);
        }
    }
}

/// The rows of a table's text.
pub(super) fn parse(table: &str) -> Vec<Row> {
    table.lines().filter(|line| !is_forgotten(line)).filter_map(row).collect()
}

/// Whether a line is in the columns of IPv4 and its state is `TIME_WAIT`: there can be tens of thousands of
/// these, and no word of them has to be looked at.
fn is_forgotten(line: &str) -> bool {
    line.as_bytes().get(14) == Some(&b':') && line.as_bytes().get(33..37) == Some(b" 06 ")
}

fn row(line: &str) -> Option<Row> {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
    let mut words = line.split_ascii_whitespace().skip(1);
    let (local, peer, state) = (words.next()?, words.next()?, words.next()?);
    let state = u8::from_str_radix(state, 16).ok()?;
    if state == TIME_WAIT {
        return None;
    }
    let (local, peer) = (address(local)?, address(peer)?);
    let (unsent, unread) = words.next()?.split_once(':')?;
    let (unsent, unread) = (number(unsent)?, number(unread)?);
    let inode = words.nth(4)?.parse().ok()?;
    Some(Row { local, peer, interface: 0, state, unsent, unread, inode })
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
        let rows = parse(TABLE);
        assert_eq!(rows.len(), 9);
        assert!(rows[0].is_listening() && !rows[1].is_listening());
        assert_eq!(rows[0].local, SocketAddr::from(([127, 0, 0, 1], 1337)));
        assert_eq!(rows[2].connection(true, 0).unsent, 0x39_b600);
        assert_eq!(rows[7].peer, SocketAddr::from(([127, 0, 0, 1], 0xae80)));
        assert_eq!(rows[8].peer, SocketAddr::from((Ipv6Addr::LOCALHOST, 0xae82)));
        let waiting: Vec<usize> =
            (0..rows.len()).filter(|row| rows[*row].waits_at(&rows[0])).collect();
        assert_eq!(waiting, [4, 5], "not those that are accepted, closed, or a client's own end");
        assert_eq!(rows[4].connection(false, 0).unread, 17);
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        arbtest::arbtest(|bytes| {
            let text: String = bytes.arbitrary()?;
            let _ = parse(&text);
            let _ = parse(&format!("0: {text}:0539 0100007F:AE52 01 0:0 0:0 0 0 0 1"));
            Ok(())
        });
        assert_eq!(parse("0: 0100007F:0539 0100007F:AE52 01"), []);
    }

    #[test]
    fn what_is_forgotten_is_passed_over_in_both_tables() {
        let state = |line: &str, state: &str| line.replacen(" 01 ", state, 1);
        for line in TABLE.lines().filter(|line| line.contains(" 01 ")) {
            assert_eq!(parse(line).len(), 1, "{line}");
            assert_eq!(parse(&state(line, " 06 ")), [], "{line}");
            // From 10,000 lines on all columns are further to the right.
            assert_eq!(parse(&format!("1000{}", state(line, " 06 ").trim_start())), [], "{line}");
        }
    }
}
