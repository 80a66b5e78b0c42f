//! Ctrl-C ends 01 to 07 at once, whatever is connected; 08 completes its replies and waits for its threads.
//!
//! Only Unix has signals that a test can send to one process.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ChildStdout;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use support::proc;
use support::{PATIENCE, Peer, Server, Unwatched, in_shell};
use support::{no_descriptor_left, reply_to, servers};

/// The lab whose server stops cleanly.
const GRACEFUL: &str = "08_graceful_session_server";

/// The servers that end at once.
fn at_once() -> impl Iterator<Item = &'static str> {
    servers().filter(|name| *name != GRACEFUL)
}

/// How long a peer that has been answered promptly so far stays silent before it counts as stuck.
const STUCK: Duration = Duration::from_millis(300);

/// How many clients there are under load.
const CLIENTS: usize = 8;

fn threaded() -> impl Iterator<Item = &'static str> {
    servers().filter(|name| !name.contains("blocking"))
}

/// Whether a conversation of this lab goes on after the first reply.
fn is_long(lesson: &str) -> bool {
    ["session", "names", "reverse"].iter().any(|system| lesson.contains(system))
}

/// Connects and goes so far into the conversation that its handler has begun; 01 shows no sign of that.
fn in_conversation(server: &Server) -> Peer {
    let mut peer = server.greeted();
    let lesson = &server.lesson;
    if is_long(lesson) {
        peer.send("abc");
        peer.expect(&reply_to(lesson, b"abc"));
    } else if lesson.contains("04_threaded_upper") {
        server.wait_for_line(&format!("Accepted connection from {}", peer.name()));
    }
    peer
}

#[track_caller]
fn expect_stop(server: Server) {
    let lesson = server.lesson.clone();
    let (status, last) = server.stop();
    assert_eq!(status.code(), Some(0), "{lesson}");
    assert_eq!(last, "server stopped", "{lesson}");
}

#[test]
fn with_no_client_wherever_it_listens() {
    for name in servers() {
        for host in ["127.0.0.1", "0.0.0.0", "::1", "::"] {
            expect_stop(Server::start(name, &["--host", host]));
        }
    }
}

#[test]
fn with_one_client_in_mid_conversation() {
    for name in servers() {
        let server = Server::start(name, &[]);
        let mut peer = in_conversation(&server);
        expect_stop(server);
        peer.expect_gone();
    }
}

#[test]
fn with_a_client_that_has_said_nothing_yet() {
    for name in servers() {
        let server = Server::start(name, &[]);
        let mut peer = server.connect();
        expect_stop(server);
        peer.expect_gone();
    }
}

#[test]
fn with_fifty_idle_clients() {
    for name in threaded() {
        let server = Server::start(name, &[]);
        let mut peers: Vec<Peer> = (0..50).map(|_| in_conversation(&server)).collect();
        expect_stop(server);
        peers.iter_mut().for_each(Peer::expect_gone);
    }
}

#[test]
fn with_clients_in_the_queue_of_a_server_that_serves_one_at_a_time() {
    for name in servers().filter(|name| name.contains("blocking")) {
        let server = Server::start(name, &[]);
        let mut peers = vec![in_conversation(&server)];
        peers.extend((0..5).map(|_| server.connect()));
        expect_stop(server);
        peers.iter_mut().for_each(Peer::expect_gone);
    }
}

#[test]
fn with_a_client_that_holds_the_lock_and_others_that_wait_for_it() {
    let server = Server::start("07_locked_reverse_server", &["--hold", "conversation"]);
    let _first = in_conversation(&server);
    let waiting: Vec<Peer> = (0..3).map(|_| server.connect()).collect();
    for peer in &waiting {
        server.wait_for_line(&format!("{} has a thread, which waits for the lock", peer.name()));
    }
    expect_stop(server);
}

#[test]
fn with_a_record_that_is_being_printed_slowly() {
    let server = Server::start("06_locked_names_server", &["--pause", "5000"]);
    let _peer = server.connect();
    server.wait_for_line("main:"); // the first line of a record; the second is due in five seconds
    expect_stop(server);
}

/// Converses with a server until it is over, and counts the replies in `total`. Where a conversation has
/// one message, it connects again. Returns the last connection's name on the console, and how many
/// replies it got.
fn converse(
    lesson: &str,
    address: SocketAddr,
    total: &AtomicUsize,
    is_over: &AtomicBool,
) -> Option<(String, usize)> {
    let greeter = lesson.contains("greeter");
    while !is_over.load(Ordering::Relaxed) {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(STUCK)).unwrap();
        let name = stream.local_addr().unwrap().to_string();
        let mut replies = 0;
        loop {
            // A line, for the chat.
            let is_sent = greeter || stream.write_all(b"hello\n").is_ok();
            match hear(&mut stream, is_over) {
                true if is_sent => replies += 1,
                _ if is_long(lesson) => return Some((name, replies)),
                // On a busy machine a guest of the chat may read too slowly, and lose its place.
                _ => break,
            }
            total.fetch_add(1, Ordering::Relaxed);
            if greeter {
                let _ = stream.write_all(b"hello");
            }
            if !is_long(lesson) && !lesson.contains("chat") {
                hear(&mut stream, is_over); // to the end
                break;
            }
        }
    }
    None
}

/// Waits for bytes from the server; returns whether some came. Linux now and then leaves a connection open
/// whose server ends while it is made: so nothing is waited for once it is over.
fn hear(stream: &mut TcpStream, is_over: &AtomicBool) -> bool {
    loop {
        match stream.read(&mut [0; 1024]) {
            Ok(length) => return length > 0,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if is_over.load(Ordering::Relaxed) {
                    return false;
                }
            }
            Err(_) => return false,
        }
    }
}

/// Stops a server while many clients converse with it, after that many replies; returns what the
/// clients got, and what the console showed.
fn stop_under_load(name: &str, replies: usize) -> (Vec<(String, usize)>, Vec<String>) {
    // Thousands of connections are remembered for a minute: in the table of IPv6, if there is one, they
    // do not slow down those that read the other one, beside this test.
    let host = if TcpListener::bind("[::1]:0").is_ok() { "::1" } else { "127.0.0.1" };
    let mut server = Server::start(name, &["--host", host]);
    let (total, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (clients, end) = std::thread::scope(|threads| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| threads.spawn(|| converse(name, server.address, &total, &is_over)))
            .collect();
        let deadline = Instant::now() + PATIENCE;
        while total.load(Ordering::Relaxed) < replies && Instant::now() < deadline {
            std::thread::yield_now();
        }
        server.interrupt();
        let end = server.program.wait_for_end(PATIENCE);
        is_over.store(true, Ordering::Relaxed);
        (clients.into_iter().filter_map(|client| client.join().unwrap()).collect(), end)
    });
    assert!(total.into_inner() >= replies, "{name} is too slow");
    let status = end.unwrap_or_else(|gave_up| panic!("{gave_up}"));
    assert_eq!(status.code(), Some(0), "{name}");
    let printed = server.program.printed();
    assert_eq!(printed.partial(), "", "{name}: something is printed behind the last line");
    let lines = server.lines();
    assert_eq!(lines.last().map(String::as_str), Some("server stopped"), "{name}");
    (clients, lines)
}

#[test]
fn under_load_the_last_line_is_whole_and_the_last() {
    for name in servers() {
        for round in 1..=4 {
            stop_under_load(name, round * 37);
        }
    }
}

#[test]
fn a_client_that_waits_for_its_reply_gets_it_although_the_server_stops() {
    for round in 1..=10 {
        let (clients, lines) = stop_under_load(GRACEFUL, round * 29);
        assert!(!clients.is_empty());
        for (client, replies) in clients {
            let report = format!("Processing the input of {client}: ");
            let processed = lines.iter().filter(|line| line.starts_with(&report)).count();
            assert_eq!(replies, processed, "replies to {client}, round {round}");
        }
    }
}

#[test]
fn the_graceful_server_tells_every_idle_client_that_it_closes_and_does_not_show_the_knock() {
    for host in ["127.0.0.1", "0.0.0.0", "::1", "::"] {
        let mut server = Server::start(GRACEFUL, &["--host", host]);
        let mut peers: Vec<Peer> = (0..50).map(|_| in_conversation(&server)).collect();
        server.interrupt();
        let status = server.program.wait_for_end(PATIENCE).unwrap();
        assert_eq!(status.code(), Some(0), "{host}");
        peers.iter_mut().for_each(Peer::expect_end); // not by a reset
        let lines = server.lines();
        let count = |text: &str| lines.iter().filter(|line| line.contains(text)).count();
        assert_eq!((count("Connected with "), count(" closed: ")), (50, 50), "{host}: {lines:#?}");
    }
}

/// Waits until every thread of the process is blocked. Linux alone tells.
fn wait_until_blocked(_process: u32) {
    #[cfg(target_os = "linux")]
    proc::wait_until_blocked(_process);
}

/// 08 with a console that is a full pipe. Its handlers have read a message each and cannot print, so
/// none of them can reply or end before the console is read again.
struct Stuck {
    server: Unwatched<BufReader<ChildStdout>>,
    address: SocketAddr,
    peers: Vec<Peer>,
}

impl Stuck {
    fn start(clients: usize) -> Self {
        let (server, address) = Unwatched::start(GRACEFUL, |console| console);
        let mut peers: Vec<Peer> = (0..clients).map(|_| Peer::connect(address)).collect();
        for peer in &mut peers {
            peer.send("abc");
            peer.expect("-");
        }
        // The first client fills the console, until it gets no reply any more.
        let process = server.child.id();
        peers[0].stream.set_read_timeout(Some(STUCK)).unwrap();
        let taken = (0..10_000).take_while(|_| {
            peers[0].send("x".repeat(1000));
            let mut replied = || peers[0].stream.read(&mut [0; 1]).is_ok_and(|length| length == 1);
            // On a busy machine it may only be late.
            replied() || {
                wait_until_blocked(process);
                replied()
            }
        });
        assert!(taken.count() < 10_000, "the console is never full");
        peers[0].stream.set_read_timeout(Some(PATIENCE)).unwrap();
        for peer in &mut peers[1..] {
            peer.send("abc");
        }
        wait_until_blocked(process); // every handler has read its message
        Self { server, address, peers }
    }

    /// Interrupts the server, and waits until it has closed its listener: connecting is refused.
    #[track_caller]
    fn interrupt(&self) {
        self.server.interrupt();
        let deadline = Instant::now() + PATIENCE;
        // A listener that stays open takes on clients until its queue is full, and then lets them wait.
        let refused = || match TcpStream::connect_timeout(&self.address, STUCK) {
            Err(error) => error.kind() == ErrorKind::ConnectionRefused,
            Ok(_) => false,
        };
        while !refused() {
            assert!(Instant::now() < deadline, "a stopping server takes on new clients");
        }
    }

    /// Reads the console again, to its end.
    fn read_console(&mut self) -> Vec<String> {
        let lines = BufRead::lines(&mut self.server.console);
        lines.map(|line| line.unwrap()).collect()
    }
}

#[test]
fn a_reply_that_has_begun_is_completed_while_new_clients_are_refused() {
    let mut stuck = Stuck::start(20);
    stuck.interrupt();
    let lines = stuck.read_console();
    assert_eq!(stuck.server.wait_for_end().code(), Some(0));
    assert_eq!(lines.last().map(String::as_str), Some("server stopped"));
    for peer in &mut stuck.peers {
        let replies = peer.receive_to_end();
        assert_eq!(String::from_utf8_lossy(&replies), "-", "the last message has no reply");
        let name = peer.name();
        assert!(lines.contains(&format!("Connection {name} closed: the server stops")), "{name}");
    }
}

#[test]
fn a_message_that_has_arrived_is_not_read_any_more_once_the_server_stops() {
    let mut stuck = Stuck::start(5);
    for peer in &mut stuck.peers {
        peer.send("too late"); // it waits in the socket
    }
    stuck.interrupt();
    let lines = stuck.read_console();
    assert_eq!(stuck.server.wait_for_end().code(), Some(0));
    let late = lines.iter().find(|line| line.ends_with("Hello TOO LATE"));
    assert_eq!(late, None);
}

#[test]
fn the_first_ctrl_c_never_ends_the_graceful_server_by_force_and_the_second_does() {
    let mut stuck = Stuck::start(1);
    stuck.interrupt();
    // That nothing happens has no sign. This is twice the time in which a second Ctrl-C ends it.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(stuck.server.child.try_wait().unwrap(), None, "the first Ctrl-C has ended it");
    stuck.server.interrupt();
    assert_eq!(stuck.server.wait_for_end().code(), Some(130));
}

/// Where `shutdown` wakes no `read`, as on Windows.
#[test]
#[cfg(target_os = "linux")]
#[ignore = "tests/systems/windows.sh imitates it, and runs this"]
fn without_a_wake_the_server_waits_for_its_clients_or_for_a_second_ctrl_c() {
    for client_leaves in [true, false] {
        let mut server = Server::start(GRACEFUL, &[]);
        let mut idle = Some(in_conversation(&server));
        server.interrupt();
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(server.address).is_ok() {
            assert!(Instant::now() < deadline, "it still accepts");
        }
        proc::wait_until_blocked(server.program.id());
        assert!(server.program.ended().unwrap().is_none(), "it was woken: is this the imitation?");
        if client_leaves {
            drop(idle.take());
        } else {
            server.interrupt();
        }
        let end = server.program.wait_for_end(PATIENCE);
        let status = end.unwrap_or_else(|gave_up| panic!("{gave_up}"));
        assert_eq!(status.code(), Some(if client_leaves { 0 } else { 130 }));
    }
}

#[test]
fn a_second_ctrl_c_says_that_it_ends_the_server_at_once() {
    // The console is read again when both signals have come: now the thread that ends the process
    // and the handlers all want to print. The process ends before the handlers do, most of the time.
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let mut stuck = Stuck::start(50);
        stuck.interrupt();
        stuck.server.interrupt();
        wait_until_blocked(stuck.server.child.id());
        let last = stuck.read_console().pop();
        let status = stuck.server.wait_for_end();
        if last.as_deref() == Some("Ctrl-C again: the server ends at once") {
            assert_eq!(status.code(), Some(130));
            return;
        }
    }
    panic!("a second Ctrl-C has made no difference");
}

#[test]
fn with_a_client_that_sends_on_and_never_reads() {
    for name in threaded().filter(|name| is_long(name)) {
        let server = Server::start(name, &[]);
        let mut peer = in_conversation(&server);
        let mut sender = peer.stream.try_clone().unwrap();
        std::thread::scope(|threads| {
            // It sends until the server has gone.
            threads.spawn(move || while sender.write_all(b"more").is_ok() {});
            server.wait_for_lines("MORE", usize::from(name.contains("session")));
            expect_stop(server);
        });
        peer.expect_gone();
    }
}

#[test]
fn with_no_descriptor_left() {
    for name in threaded() {
        let server = Server::start_limited("ulimit -n 24", name);
        let _crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
        server.wait_for_line(&no_descriptor_left());
        expect_stop(server);
    }
}

#[test]
fn with_just_as_many_clients_as_there_are_descriptors() {
    let arrivals = |server: &Server| {
        server.lines().iter().filter(|line| line.starts_with("Connected with ")).count()
    };
    // Find out how many fit, then connect exactly so many: `accept` waits, and no descriptor is free.
    let server = Server::start_limited("ulimit -n 24", GRACEFUL);
    let crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
    server.wait_for_lines(&no_descriptor_left(), 2); // the second comes a second later
    let fit = arrivals(&server);
    drop((server, crowd));
    for clients in [fit - 1, fit] {
        let mut server = Server::start_limited("ulimit -n 24", GRACEFUL);
        let mut crowd: Vec<Peer> = (0..clients).map(|_| in_conversation(&server)).collect();
        server.interrupt();
        let status = server.program.wait_for_end(PATIENCE).unwrap();
        assert_eq!(status.code(), Some(0), "with {clients} clients");
        crowd.iter_mut().for_each(Peer::expect_end);
        assert_eq!(server.lines().last().map(String::as_str), Some("server stopped"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn at_the_limit_of_threads() {
    for name in threaded().filter(|name| is_long(name) && !name.contains("polled")) {
        let server = proc::start_at_the_limit_of_threads(name);
        let _crowd: Vec<Peer> = (0..8).map(|_| server.connect()).collect();
        server.wait_for_line("Thread did not start");
        expect_stop(server);
    }
}

/// Stops a server whose console stays open and is not read: in the end it waits in its printing.
fn stop_with_a_full_console(name: &str) {
    let (mut server, address) = Unwatched::start(name, |console| console);
    let answers = |_: &i32| {
        let mut peer = Peer::connect(address);
        peer.stream.set_read_timeout(Some(STUCK)).unwrap();
        if !name.starts_with("01") {
            peer.send("x".repeat(1000)); // 01 prints something only for a client that says nothing
        }
        peer.close_sending();
        peer.stream.read_to_end(&mut Vec::new()).is_ok()
    };
    assert!((0..10_000).take_while(answers).count() < 10_000, "{name} has printed too little");
    server.interrupt();
    assert_eq!(server.wait_for_end().code(), Some(0), "{name}");
}

#[test]
fn with_a_console_that_is_a_full_pipe() {
    std::thread::scope(|threads| {
        for name in at_once() {
            threads.spawn(move || stop_with_a_full_console(name));
        }
    });
}

#[test]
fn a_server_that_was_started_with_nohup_outlives_its_terminal() {
    for name in servers() {
        // nohup(1) has the signal ignored that a closed terminal sends.
        let server = Server::run(name, &mut in_shell("trap '' HUP", name));
        server.program.signal("HUP").unwrap();
        server.serves_one_more();
        expect_stop(server);
    }
}
