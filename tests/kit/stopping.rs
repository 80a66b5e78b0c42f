//! Ctrl-C and SIGTERM end every server with status 0, whatever is connected, and it says how many it served.
//!
//! Only Unix has signals that a test can send to one process.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::program::Printed;
use crate::support::{GREETING, PATIENCE, Peer, SERVERS, Server, Unwatched, reply_to};

/// How long a peer that has been answered promptly so far stays silent before it counts as stuck.
const STUCK: Duration = Duration::from_millis(300);

/// The labs whose servers let replies be completed and join their threads.
fn stops_cleanly(lesson: &str) -> bool {
    ["session", "names", "reverse"].iter().any(|system| lesson.contains(system))
}

/// Connects and goes so far into the conversation that its handler has certainly begun; 01 has no sign of that.
fn in_conversation(server: &Server) -> Peer {
    let mut peer = server.connect();
    let lesson = &server.lesson;
    if lesson.contains("greeter") {
        peer.expect(GREETING);
    } else if stops_cleanly(lesson) {
        peer.send("abc");
        peer.expect(&reply_to(lesson, b"abc"));
    } else if lesson.contains("04_threaded_upper") {
        server.wait_for_line(&format!("Accepted connection from {}", peer.name()));
    }
    peer
}

/// Fills every buffer between this client and a reversing server, until neither can write any more.
fn fill_up(peer: &mut Peer) {
    peer.stream.set_write_timeout(Some(STUCK)).unwrap();
    for number in 0.. {
        if peer.stream.write_all(format!("{number:0>1024}").as_bytes()).is_err() {
            return;
        }
    }
}

#[track_caller]
fn expect_stop(server: Server, served: &str) {
    let lesson = server.lesson.clone();
    let (status, last) = server.stop();
    assert_eq!(status.code(), Some(0), "{lesson}");
    assert_eq!(last, format!("server stopped; {served} served"), "{lesson}");
}

#[test]
fn with_no_client_wherever_it_listens() {
    for name in SERVERS {
        for host in ["127.0.0.1", "0.0.0.0", "::1", "::"] {
            expect_stop(Server::start(name, &["--host", host]), "0 clients");
        }
    }
}

#[test]
fn at_sigterm_as_at_ctrl_c() {
    for name in SERVERS {
        let mut server = Server::start(name, &[]);
        server.program.signal("TERM").unwrap();
        let status = server.program.wait_for_end(PATIENCE).unwrap();
        assert_eq!(status.code(), Some(0), "{name}");
        server.wait_for_line("server stopped; 0 clients served");
    }
}

#[test]
fn with_one_client_in_mid_conversation() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        let mut peer = in_conversation(&server);
        if name.contains("01_") {
            // Whether it has been accepted yet, nobody can see.
            assert_eq!(server.stop().0.code(), Some(0));
        } else {
            expect_stop(server, "1 client");
        }
        peer.expect_gone();
    }
}

#[test]
fn with_fifty_clients_idle_and_the_knock_neither_counted_nor_shown() {
    for name in SERVERS.into_iter().filter(|name| !name.contains("blocking")) {
        for host in ["127.0.0.1", "0.0.0.0", "::"] {
            let mut server = Server::start(name, &["--host", host]);
            let mut peers: Vec<Peer> = (0..50).map(|_| in_conversation(&server)).collect();
            server.interrupt();
            server.program.wait_for_end(PATIENCE).unwrap();
            let lines = server.lines();
            assert_eq!(
                lines.last().map(String::as_str),
                Some("server stopped; 50 clients served"),
                "{name}"
            );
            let arrival = match name {
                _ if name.contains("greeter") => "Connection from: ",
                _ if name.contains("upper") => "Accepted connection from ",
                _ if name.contains("session") => "Connected with ",
                _ => "Connected to",
            };
            assert_eq!(lines.iter().filter(|line| line.contains(arrival)).count(), 50, "{name}");
            peers.iter_mut().for_each(Peer::expect_gone);
        }
    }
}

#[test]
fn with_a_client_that_holds_the_lock_and_others_that_wait_for_it() {
    let server = Server::start("07_locked_reverse_server", &["--hold", "conversation"]);
    let _first = in_conversation(&server);
    let waiting: Vec<Peer> = (0..3).map(|_| server.connect()).collect();
    for peer in &waiting {
        server.wait_for_line(&format!("{} has a thread, which waits for the console", peer.name()));
    }
    expect_stop(server, "4 clients");
}

#[test]
fn with_a_record_that_is_being_printed_slowly() {
    let mut server = Server::start("06_locked_names_server", &["--pause", "5000"]);
    let peers: Vec<Peer> = (0..20).map(|_| server.connect()).collect();
    server.wait_for_line("main:");
    server.interrupt();
    server.program.wait_for_end(PATIENCE).unwrap();
    drop(peers);
    // The record that had begun is whole: the pause has ended early, and not the record.
    let lines = server.lines();
    assert!(lines[2].starts_with("  Connected to : "), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.starts_with("server stopped; ")), "{lines:#?}");
}

#[test]
fn a_reply_that_has_begun_is_completed() {
    let mut server = Server::start("07_locked_reverse_server", &[]);
    let mut peer = server.connect();
    // One message after the other, until the handler is stuck in the middle of a reply: it does not take the next.
    // (Bytes that are not UTF-8 are answered with three each.)
    let message = [0xff; 1024];
    let replies = |printed: &Printed| {
        printed.lines.iter().filter(|line| line.text.contains(" becomes ")).count()
    };
    let _stuck = (1..).find(|number| {
        peer.send(message);
        let taken = |printed: &Printed| (replies(printed) == *number).then_some(());
        server.program.wait_for(STUCK, "the next message", taken).is_err()
    });
    server.interrupt();
    // Now it can go on.
    let received = peer.receive_to_end();
    let status = server.program.wait_for_end(PATIENCE).unwrap();
    assert_eq!(status.code(), Some(0));
    let begun = replies(&server.program.printed());
    assert_eq!(received.len(), 3072 * begun, "not every reply that was begun has arrived whole");
    server.wait_for_line("server stopped; 1 client served");
}

#[test]
fn with_a_client_that_never_reads() {
    let mut server = Server::start("07_locked_reverse_server", &[]);
    let mut peer = in_conversation(&server);
    fill_up(&mut peer);
    server.interrupt();
    let status = server.program.wait_for_end(PATIENCE).unwrap();
    assert_eq!(status.code(), Some(0));
    // Its handler was cut off, and joined: the process has not ended without it.
    server.wait_for_line("  Bye");
    server.wait_for_line("server stopped; 1 client served");
}

#[test]
fn with_no_descriptor_left() {
    for name in SERVERS.into_iter().filter(|name| !name.contains("blocking")) {
        let server = Server::start_limited("ulimit -n 24", name);
        let _crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
        server.wait_for_line("too many open files");
        assert_eq!(server.stop().0.code(), Some(0), "{name}");
    }
}

#[test]
fn with_just_as_many_clients_as_there_are_descriptors() {
    for name in SERVERS.into_iter().filter(|name| stops_cleanly(name)) {
        // Find out how many fit, then connect exactly so many: `accept` sleeps, and no descriptor is free.
        let server = Server::start_limited("ulimit -n 24", name);
        let crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
        server.wait_for_line("too many open files");
        let (_, last) = server.stop();
        let fit: usize = last.split_whitespace().find_map(|word| word.parse().ok()).unwrap();
        drop(crowd);
        for clients in [fit - 1, fit] {
            let mut server = Server::start_limited("ulimit -n 24", name);
            let _crowd: Vec<Peer> = (0..clients).map(|_| in_conversation(&server)).collect();
            server.interrupt();
            let status = server.program.wait_for_end(PATIENCE).unwrap();
            assert_eq!(status.code(), Some(0), "{name} with {clients} clients");
            // The knock has come through: every conversation was ended by the server, and not with the process.
            server.wait_for_lines(
                if name.contains("session") { " closed" } else { "  Bye" },
                clients,
            );
        }
    }
}

/// A socket that asks for a connection and does not wait for it.
fn connecting(address: SocketAddr) -> socket2::Socket {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_nonblocking(true).unwrap();
    let _ = socket.connect(&address.into()); // it is under way
    socket
}

#[test]
fn with_a_console_that_nobody_reads() {
    for name in SERVERS {
        // The console stays open, and is never read again: in the end the server is stuck in its printing.
        let (mut server, address) = Unwatched::start(name, |console| console);
        for _ in 0.. {
            let mut peer = Peer::connect(address);
            peer.stream.set_read_timeout(Some(STUCK)).unwrap();
            peer.send("x".repeat(1100));
            if peer.stream.read(&mut [0; 16]).is_err() {
                break;
            }
        }
        // More clients come until the backlog is full: now `main` is stuck too, and a knock does not get through.
        let _crowd: Vec<socket2::Socket> = (0..300).map(|_| connecting(address)).collect();
        let pid = server.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -INT $0", &pid]).status().unwrap().success());
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match server.child.try_wait().unwrap() {
                Some(status) => break status,
                None => assert!(Instant::now() < deadline, "{name} does not end"),
            }
            std::thread::yield_now();
        };
        assert_eq!(status.code(), Some(0), "{name}");
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once() {
    // A client that never reads keeps a stopping server for half a second: time for a second signal, most of the time.
    for _ in 0..10 {
        let mut server = Server::start("07_locked_reverse_server", &[]);
        let mut peer = in_conversation(&server);
        fill_up(&mut peer);
        // Two signals at the very same moment are one, so there are some more.
        let pid = server.program.id().to_string();
        Command::new("sh")
            .args(["-c", "for i in 1 2 3 4 5 6 7 8 9; do kill -INT $0; done", &pid])
            .status()
            .unwrap();
        let status = server.program.wait_for_end(PATIENCE).unwrap();
        if status.code() == Some(130) {
            return;
        }
        assert_eq!(status.code(), Some(0));
    }
    panic!("ten times, a second Ctrl-C has made no difference");
}
