//! Lab 10: what one guest says goes to all others, and no guest makes the others wait.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use assistant::process::program::{Printed, Program};
use support::{PATIENCE, Peer, Server, example, run, start_client, texts};

const SERVER: &str = "10_broadcast_chat_server";
const CLIENT: &str = "10_broadcast_chat_client";

/// How long a guest that hears every line at once stays silent before it counts as stuck.
const STUCK: Duration = Duration::from_secs(4);

/// Enough lines of four thousand bytes to fill every buffer on the way, and an outbox.
const MANY: usize = 4000;

/// Guests with the numbers from 1 on, each of which has been told of all that came after it.
fn guests(server: &Server, count: usize) -> Vec<Peer> {
    let mut guests: Vec<Peer> = Vec::new();
    for number in 1..=count {
        let mut peer = server.connect();
        peer.expect(&format!("You are Guest-{number}.\n"));
        for guest in &mut guests {
            guest.expect(&format!("Guest-{number} has come.\n"));
        }
        guests.push(peer);
    }
    guests
}

#[test]
fn what_one_guest_says_goes_to_all_others_and_so_does_who_comes_and_leaves() {
    for options in [&[][..], &["--write", "held"]] {
        let server = Server::start(SERVER, options);
        let mut guests = guests(&server, 4);
        for speaker in 0..4 {
            guests[speaker].send(format!("grüße from {speaker}\n"));
            for hearer in (0..4).filter(|hearer| *hearer != speaker) {
                guests[hearer].expect(&format!("Guest-{}: grüße from {speaker}\n", speaker + 1));
            }
        }
        let mut bye = guests.pop().unwrap();
        bye.send("bye\n");
        bye.expect_end();
        guests.iter_mut().for_each(|guest| guest.expect("Guest-4 has left.\n"));
        let mut half_closed = guests.pop().unwrap();
        half_closed.close_sending();
        half_closed.expect_end();
        guests.iter_mut().for_each(|guest| guest.expect("Guest-3 has left.\n"));
        guests.pop().unwrap().reset();
        guests[0].expect("Guest-2 has left.\n");
        server.connect().expect("You are Guest-5.\n");
        guests[0].expect("Guest-5 has come.\n");
        server.wait_for_line("Guest-2 at 127.0.0.1:");
    }
}

#[test]
fn a_line_is_a_line_however_its_bytes_arrive() {
    let server = Server::start(SERVER, &[]);
    let mut guests = guests(&server, 2);
    let longest = "x".repeat(1023);
    for (sent, heard) in [
        (&b"half a "[..], &[][..]),
        (b"line\n", &["half a line"]),
        (b"one\ntwo\nthr", &["one", "two"]),
        (b"ee\r\n", &["three"]),
        (b"\n\r\n \t\n", &[]),
        (b"bye now\n", &["bye now"]),
        (b"caf\xe9 \x1b[2J\x07\\\n", &[r"caf\xe9 \u{1b}[2J\u{7}\\"]),
        (longest.as_bytes(), &[]),
        (b"\n", &[&longest]),
        (b"the rest of this is never complete", &[]),
    ] {
        guests[1].send(sent);
        for line in heard {
            guests[0].expect(&format!("Guest-2: {line}\n"));
        }
    }
    guests[0].has_nothing_yet();
    guests.pop().unwrap().close_sending();
    guests[0].expect("Guest-2 has left.\n");
    for (number, too_long) in [(3, 1024), (4, 1025), (5, 100_000)] {
        let mut peer = server.connect();
        peer.expect(&format!("You are Guest-{number}.\n"));
        guests[0].expect(&format!("Guest-{number} has come.\n"));
        let _ = peer.stream.write_all("y".repeat(too_long).as_bytes());
        peer.expect_gone();
        guests[0].expect(&format!("Guest-{number} has left.\n"));
    }
}

/// Two guests speak in turn, and each waits for what the other has said. Returns what the first of them
/// was told instead, or nothing when it hears no more.
fn speak_in_turn(speakers: &mut [Peer], limit: usize) -> Option<String> {
    let long = [&[0xff; 1000][..], b"\n"].concat();
    for turn in 0..limit {
        let (speaker, hearer) = (turn % 2, 1 - turn % 2);
        speakers[speaker].send(&long);
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            let mut buffer = [0; 8192];
            match speakers[hearer].stream.read(&mut buffer) {
                Ok(0) => panic!("the connection of a guest that reads was closed"),
                Ok(length) => line.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
        let text = String::from_utf8(line).unwrap();
        if let Some(other) = text.lines().find(|line| !line.contains(": \\xff")) {
            return Some(other.to_owned());
        }
    }
    panic!("{limit} lines of 4000 bytes were told, and no guest has lost its place")
}

#[test]
fn a_guest_that_never_reads_loses_its_place_and_the_others_go_on() {
    let server = Server::start(SERVER, &[]);
    let mut guests = guests(&server, 3);
    assert_eq!(speak_in_turn(&mut guests[1..], MANY).as_deref(), Some("Guest-1 has left."));
    guests[0].expect_gone();
    server.wait_for_line("Guest-1 has left");
    server.serves_one_more();
}

#[test]
fn with_the_lock_held_while_writing_a_guest_that_never_reads_stops_all() {
    let server = Server::start(SERVER, &["--write", "held"]);
    let mut guests = guests(&server, 3);
    for guest in &guests {
        guest.stream.set_read_timeout(Some(STUCK)).unwrap();
    }
    assert_eq!(speak_in_turn(&mut guests[1..], MANY), None);
    let mut next = server.connect();
    next.stream.set_read_timeout(Some(STUCK)).unwrap();
    let mut byte = [0];
    let read = next.stream.read_exact(&mut byte);
    assert!(read.is_err(), "the room is locked, and a guest was told something: {read:?} {byte:?}");
    next.stream.set_read_timeout(Some(PATIENCE)).unwrap();
    drop(guests.remove(0));
    next.expect("You are Guest-4.\n");
}

#[test]
fn lines_of_guests_that_speak_at_once_stay_whole() {
    let server = Server::start(SERVER, &[]);
    let mut guests = guests(&server, 8);
    let said = |number: usize| format!("Guest-{number}: {}", "-".repeat(number * 50));
    for _ in 0..10 {
        for (number, guest) in (1..).zip(&mut guests) {
            guest.send("-".repeat(number * 50) + "\n");
        }
        for (number, guest) in (1..).zip(&mut guests) {
            let mut heard: Vec<String> =
                (0..7).map(|_| guest.receive_line().trim_end().to_owned()).collect();
            heard.sort();
            let others = (1..=8).filter(|other| *other != number);
            assert_eq!(heard, others.map(said).collect::<Vec<_>>());
        }
    }
}

#[test]
fn two_hundred_guests_hear_one_line_and_leave_no_thread_behind() {
    let server = Server::start(SERVER, &[]);
    let mut first = server.connect();
    first.expect("You are Guest-1.\n");
    // Each reads what it is told before the next one comes: an outbox has room for 100 lines.
    let mut crowd: Vec<Peer> = Vec::new();
    for number in 2..=201 {
        let guest = server.greeted();
        first.expect(&format!("Guest-{number} has come.\n"));
        for other in &mut crowd {
            other.expect(&format!("Guest-{number} has come.\n"));
        }
        crowd.push(guest);
    }
    first.send("hello\n");
    for guest in &mut crowd {
        guest.expect("Guest-1: hello\n");
    }
    while let Some(guest) = crowd.pop() {
        let number = crowd.len() + 2;
        drop(guest);
        first.expect(&format!("Guest-{number} has left.\n"));
    }
    #[cfg(target_os = "linux")]
    {
        // `main`, the thread that waits for Ctrl-C, the one that prints then, and the two of Guest-1.
        let deadline = std::time::Instant::now() + PATIENCE;
        while support::proc::status(&server, "Threads") > 5 {
            assert!(std::time::Instant::now() < deadline, "threads are left");
            std::thread::sleep(support::POLL_INTERVAL);
        }
    }
}

fn shows(client: &Program, text: &str) {
    let shown = |printed: &Printed| texts(printed).iter().any(|line| line == text).then_some(());
    client.wait_for(PATIENCE, text, shown).unwrap_or_else(|gave_up| panic!("{gave_up}"));
}

#[test]
fn the_client_shows_what_arrives_while_it_waits_for_its_user() {
    let server = Server::start(SERVER, &[]);
    let mut client = start_client(CLIENT, server.address);
    shows(&client, "You are Guest-1.");
    let mut other = server.connect();
    other.expect("You are Guest-2.\n");
    shows(&client, "Guest-2 has come.");
    other.send("first \x1b[2J\n");
    shows(&client, r"Guest-2: first \\u{1b}[2J"); // escaped by the server, and its `\` by the client
    client.type_line("then I").unwrap();
    other.expect("Guest-1: then I\n");
    let (status, lines, errors) = run(client, "");
    assert!(status.success() && errors.is_empty(), "{status} {errors}");
    assert_eq!(lines.last().unwrap(), "The server has closed the connection.");
    other.expect("Guest-1 has left.\n");
}

#[test]
fn the_client_says_when_the_server_is_gone() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = start_client(CLIENT, listener.local_addr().unwrap());
    let (stream, _) = listener.accept().unwrap();
    drop(stream);
    let (status, lines, errors) = run(client, "");
    assert!(status.success() && errors.is_empty(), "{status} {errors}");
    assert_eq!(lines.last().unwrap(), "The server has closed the connection.");
}

#[test]
fn a_flood_is_as_many_lines_of_1000_bytes_and_then_bye() {
    let server = Server::start(SERVER, &[]);
    let mut hearer = server.connect();
    hearer.expect("You are Guest-1.\n");
    let port = server.address.port().to_string();
    let mut command = Command::new(example(CLIENT));
    let flood = Program::start(command.args(["--port", &port, "--flood", "200"])).unwrap();
    hearer.expect("Guest-2 has come.\n");
    for number in 1..=200 {
        hearer.expect(&format!("Guest-2: {number:.<1000}\n"));
    }
    hearer.expect("Guest-2 has left.\n");
    let (status, _, errors) = run(flood, "");
    assert!(status.success() && errors.is_empty(), "{status} {errors}");
    for wrong in [["--flood", "0"], ["--flood", "1000001"]] {
        let client = Program::start(Command::new(example(CLIENT)).args(wrong)).unwrap();
        assert_eq!(run(client, "").0.code(), Some(2));
    }
}
