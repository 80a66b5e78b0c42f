//! Lab 11: one thread for all clients, whatever they do.

use std::io::{ErrorKind, Write};
use std::time::Duration;

use support::{Peer, Server, reply_to};

const NAME: &str = "11_polled_reverse_server";

/// More than the system's buffers hold of both directions: Linux, by default, 4 MiB that are to be sent
/// and 6 MiB that have arrived, twice (tcp(7)).
const FLOOD: usize = 64 * 1024 * 1024;

/// For how long the server must take nothing more of a client that does not read.
const FULL: Duration = Duration::from_secs(1);

fn exchange(peer: &mut Peer, message: &str) {
    peer.send(message);
    peer.expect(&reply_to(NAME, message.as_bytes()));
}

/// Sends and reads nothing until nothing more is taken; returns how much was.
fn flood(peer: &mut Peer) -> usize {
    peer.stream.set_write_timeout(Some(FULL)).unwrap();
    let mut sent = 0;
    loop {
        match peer.stream.write(&[b'a'; 1024]) {
            Ok(length) => sent += length,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return sent,
        }
        assert!(sent < FLOOD, "the server takes all that a client sends who reads nothing");
    }
}

#[test]
fn a_client_that_does_not_read_costs_a_bounded_buffer_and_no_time() {
    let server = Server::start(NAME, &[]);
    let (mut deaf, mut other) = (server.connect(), server.connect());
    exchange(&mut other, "hello");
    let sent = flood(&mut deaf);
    exchange(&mut other, "still here");
    server.serves_one_more();
    // It has ended its input, and still gets all that is due to it.
    deaf.close_sending();
    let received = deaf.receive_to_end();
    assert!(received.iter().all(|byte| *byte == b'a'));
    assert_eq!(received.len(), sent);
    exchange(&mut other, "still here");
}

#[test]
fn a_client_that_never_reads_and_resets_leaves_the_list() {
    let server = Server::start(NAME, &[]);
    let mut deaf = server.connect();
    let name = deaf.name();
    flood(&mut deaf);
    deaf.reset();
    server.wait_for_line(&format!("{name} was lost"));
    server.serves_one_more();
}

#[test]
fn a_message_that_came_before_the_end_of_input_is_answered() {
    let server = Server::start(NAME, &[]);
    let mut peer = server.connect();
    peer.send("last words");
    peer.close_sending();
    assert_eq!(peer.receive_to_end(), b"sdrow tsal");
}

#[test]
#[cfg(target_os = "linux")]
fn no_client_gets_a_thread() {
    let server = Server::start(NAME, &[]);
    let folder = format!("/proc/{}/task", server.program.id());
    let threads = || std::fs::read_dir(&folder).unwrap().count();
    exchange(&mut server.connect(), "hello");
    let before = threads();
    let mut clients: Vec<Peer> = (0..50).map(|_| server.connect()).collect();
    for client in clients.iter_mut().rev() {
        exchange(client, "hello");
    }
    assert_eq!(threads(), before);
}

/// A listener whose client cannot be accepted is ready all the time: that must neither keep a core busy
/// nor hold up the others.
#[test]
#[cfg(target_os = "linux")]
fn without_a_descriptor_it_neither_spins_nor_waits() {
    let server = Server::run(NAME, &mut support::in_shell("ulimit -n 20", NAME));
    let mut first = server.connect();
    exchange(&mut first, "hello");
    let _crowd: Vec<Peer> = (0..30).map(|_| server.connect()).collect();
    server.wait_for_line("cannot accept the next client");
    let used = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.program.id())).unwrap();
        let fields = stat.rsplit(')').next().unwrap().split_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>()
    };
    let start = std::time::Instant::now();
    let before = used();
    // Each would wait for 50 ms in a server that pauses with all its clients: 10 s in all.
    for _ in 0..200 {
        exchange(&mut first, "hello");
    }
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    let before = used().max(before);
    std::thread::sleep(Duration::from_secs(1)); // the time over which the idle server is watched
    assert!(used() - before < 20, "{} ticks of 10 ms in a second", used() - before);
}
