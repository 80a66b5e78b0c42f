//! Arbitrary bytes, in arbitrary pieces, against every server: every reply that is due arrives, and the server lives.
//!
//! A failure prints the seed with which it can be repeated (`arbtest` shrinks it first).

use socketlab::printable;
use support::{Peer, Server, reply_to, servers};

use arbtest::{arbitrary::Unstructured, arbtest};

/// How long the search goes on for each server.
const BUDGET_MS: u64 = 150;

/// How long a message may be, in bytes.
const LONGEST: usize = 1024;

/// How many random bytes are made for a case: enough for four messages.
const SIZE_MAX: u32 = 5000;

fn greeted(server: &Server) -> Peer {
    server.greeted()
}

/// A message that is not empty and fits the smallest buffer; some are text, most are not.
fn message(source: &mut Unstructured<'_>) -> arbtest::arbitrary::Result<Vec<u8>> {
    // An arbitrary `Vec` or `String` is a few bytes long, however many there are.
    let length = source.int_in_range(1..=LONGEST.min(source.len().max(1)))?;
    let mut bytes = source.bytes(length)?.to_vec();
    if source.arbitrary()? {
        bytes = String::from_utf8_lossy(&bytes).into_owned().into();
        bytes.truncate(LONGEST);
    }
    Ok(bytes)
}

fn expect_a_quiet_console(server: &Server) {
    for line in server.lines() {
        assert!(!line.contains(char::is_control), "{}: {line:?}", server.lesson);
    }
}

#[test]
fn nothing_that_a_terminal_obeys_gets_through() {
    arbtest(|source| {
        let bytes = message(source)?;
        assert!(!printable(&bytes).to_string().chars().any(char::is_control), "{bytes:?}");
        Ok(())
    });
}

#[test]
fn every_message_gets_the_reply_of_the_protocol() {
    for name in servers() {
        let server = Server::start(name, &[]);
        arbtest(|source| {
            let bytes = message(source)?;
            let mut peer = greeted(&server);
            peer.send(&bytes);
            peer.expect(&reply_to(name, &bytes));
            Ok(())
        })
        .size_max(SIZE_MAX)
        .budget_ms(BUDGET_MS);
        server.serves_one_more();
        expect_a_quiet_console(&server);
    }
}

#[test]
fn no_behaviour_of_a_client_ends_a_server() {
    for name in servers() {
        let server = Server::start(name, &[]);
        arbtest(|source| {
            let mut peer = server.connect();
            for _ in 0..source.int_in_range(0..=4)? {
                // The server may have hung up already; what matters is that it lives.
                let _ = std::io::Write::write_all(&mut peer.stream, &message(source)?);
            }
            match source.int_in_range(0..=2)? {
                0 => drop(peer),
                1 => peer.reset(),
                _ => {
                    let _ = peer.stream.shutdown(std::net::Shutdown::Write);
                    peer.expect_gone();
                }
            }
            Ok(())
        })
        .size_max(SIZE_MAX)
        .budget_ms(BUDGET_MS);
        server.serves_one_more();
        expect_a_quiet_console(&server);
    }
}
