//! Nothing that a client does ends a server, makes it spin, or costs another client its reply.

use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{GREETING, PATIENCE, Peer, SERVERS, Server, Unwatched, example, reply_to};

/// Connects and, where the server speaks first, takes its greeting.
fn greeted(server: &Server) -> Peer {
    let mut peer = server.connect();
    if server.lesson.contains("greeter") {
        peer.expect(GREETING);
    }
    peer
}

fn is_threaded(lesson: &str) -> bool {
    !lesson.contains("blocking")
}

/// How many threads the server has right now (proc(5)).
#[cfg(target_os = "linux")]
fn threads(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.program.id()));
    let status = status.unwrap();
    let threads = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    threads
        .and_then(|number| number.trim().parse().ok())
        .unwrap_or_else(|| panic!("no Threads: in {status}"))
}

#[test]
fn a_disconnect_at_any_moment_ends_only_that_conversation() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        drop(server.connect()); // before a message, and before the greeting is read
        drop(greeted(&server)); // before a message
        let mut during = greeted(&server);
        during.send("half a mess");
        drop(during); // before the reply is read
        let mut after = greeted(&server);
        after.send("abc");
        after.expect(&reply_to(name, b"abc"));
        drop(after);
        let closing = greeted(&server);
        closing.close_sending(); // an empty connection: end of input without a byte
        { closing }.expect_gone();
        server.serves_one_more();
    }
}

#[test]
fn a_reset_at_any_moment_ends_only_that_conversation() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        server.connect().reset();
        greeted(&server).reset();
        let mut during = greeted(&server);
        during.send("half a mess");
        during.reset();
        let mut after = greeted(&server);
        after.send("abc");
        after.expect(&reply_to(name, b"abc"));
        after.reset();
        server.serves_one_more();
    }
}

#[test]
fn a_lost_client_is_reported_in_one_line() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        if name.contains("session") || name.contains("names") || name.contains("reverse") {
            peer.send("abc");
            peer.expect(&reply_to(name, b"abc")); // its handler is there, and reads again
        }
        let lost = peer.name();
        peer.reset();
        server.wait_for_line(&format!("{lost} was lost: ")); // the system's own words follow
        server.serves_one_more();
    }
}

#[test]
fn a_client_that_leaves_without_a_word_is_reported() {
    for (name, report) in [
        ("01_blocking_upper_server", "left without a message"),
        ("02_blocking_greeter_server", "left without an answer"),
        ("03_threaded_greeter_server", "left without an answer"),
        ("04_threaded_upper_server", "left without a message"),
        ("05_threaded_session_server", "has no more to say, without --quit--"),
        ("06_locked_names_server", "Bye"),
        ("07_locked_reverse_server", "Bye"),
    ] {
        let server = Server::start(name, &[]);
        let peer = greeted(&server);
        peer.close_sending();
        server.wait_for_line(report);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_thread_stays_behind_to_spin_when_clients_have_left() {
    for name in SERVERS.into_iter().filter(|name| is_threaded(name)) {
        let server = Server::start(name, &[]);
        let before = threads(&server);
        for _ in 0..5 {
            drop(server.connect());
            drop(greeted(&server));
            server.connect().reset();
            greeted(&server).reset();
        }
        let deadline = Instant::now() + PATIENCE;
        while threads(&server) != before {
            assert!(
                Instant::now() < deadline,
                "{name} has {} threads, and began with {before}",
                threads(&server)
            );
            std::thread::yield_now();
        }
    }
}

#[test]
fn text_that_is_not_utf8_gets_a_reply_and_ends_nobody() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        let bytes = b"caf\xe9 \xff\xfe";
        let mut peer = greeted(&server);
        peer.send(bytes);
        peer.expect(&reply_to(name, bytes));
        server.serves_one_more();
    }
}

#[test]
fn what_a_client_sends_reaches_the_console_escaped() {
    let attack = "\x1b[2J\x1b]0;owned\x07 \0 \u{9b}31m \u{202e} fake line\r\n127.0.0.1:1 said: yes";
    for name in SERVERS {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        peer.send(attack);
        peer.expect(&reply_to(name, attack.as_bytes()));
        drop(peer);
        if !name.contains("upper") {
            server.wait_for_line(r"\u{1b}[2J\u{1b}]0;");
        }
        server.serves_one_more();
        for line in server.lines() {
            assert!(
                !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
                "{name}: {line:?}"
            );
            assert!(!line.starts_with("127.0.0.1:1 said"), "{name}: a forged line: {line:?}");
        }
    }
}

#[test]
fn a_message_larger_than_the_buffer_gets_its_whole_reply() {
    for name in ["01_blocking_upper_server", "04_threaded_upper_server"] {
        let server = Server::start(name, &[]);
        // More than one packet, and more than both sides can buffer: the rest is in flight while the reply is.
        for size in [1025, 3000, 100_000, 5_000_000] {
            let mut peer = server.connect();
            let mut sender = peer.stream.try_clone().unwrap();
            let client = peer.name();
            std::thread::scope(|threads| {
                threads.spawn(move || {
                    let _ = sender.write_all(&vec![b'a'; size]); // the server may close before it has read all
                });
                peer.expect(&"A".repeat(1024));
            });
            peer.expect_end();
            server.wait_for_line(&format!("{client} sent "));
            if size <= 100_000 {
                let rest = size - 1024;
                server.wait_for_line(&format!(
                    "{client} sent {rest} more bytes, which were not read"
                ));
            }
        }
    }
}

#[test]
fn an_answer_larger_than_the_buffer_is_reported() {
    for name in ["02_blocking_greeter_server", "03_threaded_greeter_server"] {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        let client = peer.name();
        peer.send("x".repeat(3000));
        peer.close_sending();
        peer.expect_end();
        server.wait_for_line(&format!("{client} sent 1976 more bytes, which were not read"));
    }
}

#[test]
fn a_session_message_larger_than_expected_is_reported_with_its_size_and_answered_once() {
    let server = Server::start("05_threaded_session_server", &[]);
    let mut peer = server.connect();
    let client = peer.name();
    peer.send("x".repeat(6000));
    peer.expect("-");
    server.wait_for_line(&format!(
        "{client} sent a message larger than expected: 6000 bytes; 880 of them"
    ));
    peer.send("x".repeat(5120)); // as large as expected, to the byte
    peer.expect("-");
    peer.send("--quit--");
    peer.expect_end();
    let reports =
        server.lines().iter().filter(|line| line.contains("larger than expected")).count();
    assert_eq!(reports, 1, "{:#?}", server.lines());
}

#[test]
fn a_long_message_to_the_reversing_server_comes_back_in_pieces_of_its_buffer() {
    let server = Server::start("07_locked_reverse_server", &[]);
    let mut peer = server.connect();
    peer.send("a".repeat(1023) + "b");
    peer.expect(&("b".to_owned() + &"a".repeat(1023)));
    peer.send("c".repeat(5000));
    peer.expect(&"c".repeat(5000));
}

#[test]
fn two_messages_in_one_segment_and_one_in_two_end_nobody() {
    for name in SERVERS {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        peer.send("onetwo"); // what two quick sends look like to the server
        peer.expect(&reply_to(name, b"onetwo"));
        if name.contains("session") || name.contains("names") || name.contains("reverse") {
            peer.send("thr");
            peer.expect(&reply_to(name, b"thr")); // the first half has had its reply: TCP knows no messages
            peer.send("ee");
            peer.expect(&reply_to(name, b"ee"));
        }
        server.serves_one_more();
    }
}

#[test]
fn a_client_that_never_reads_costs_nobody_else_a_reply() {
    for name in SERVERS.into_iter().filter(|name| is_threaded(name)) {
        let server = Server::start(name, &[]);
        let mut deaf = server.connect();
        // A write that gets nowhere for so long has filled every buffer on the way.
        deaf.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let flood = "flood ".repeat(10_000);
        let most = if name.contains("reverse") { 1000 } else { 20 };
        for _ in 0..most {
            if deaf.stream.write_all(flood.as_bytes()).is_err() {
                break;
            }
        }
        server.serves_one_more();
        server.serves_one_more();
    }
}

#[test]
#[cfg(unix)]
fn a_full_descriptor_table_is_reported_and_survived() {
    for name in SERVERS.into_iter().filter(|name| is_threaded(name)) {
        let server = Server::start_limited("ulimit -n 24", name);
        let mut crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
        server.wait_for_line("cannot accept the next client: too many open files; trying again");
        drop(crowd.split_off(5));
        server.serves_one_more();
    }
}

#[test]
fn a_thread_that_does_not_start_turns_away_its_client_alone() {
    let server = Server::start("05_threaded_session_server", &["--stack-size", "100000000000000"]);
    for _ in 0..3 {
        let mut peer = server.connect();
        peer.expect_gone();
        server.wait_for_line(&format!("Thread did not start, {} is turned away: ", peer.name()));
    }
}

#[test]
fn a_server_outlives_its_console() {
    for name in SERVERS {
        // The reader of the console is dropped at once: the pipe is closed, as by `| head -1`.
        let (_server, address) = Unwatched::start(name, drop);
        for _ in 0..3 {
            let mut peer = Peer::connect(address);
            if name.contains("greeter") {
                peer.expect(GREETING);
            }
            peer.send("still here");
            peer.expect(&reply_to(name, b"still here"));
        }
    }
}

#[test]
fn a_taken_port_is_one_sentence_and_status_1() {
    for name in SERVERS {
        let first = Server::start(name, &[]);
        let port = first.address.port().to_string();
        let second = crate::support::program::Program::start(
            Command::new(example(name)).args(["--port", &port]),
        );
        let (status, lines, errors) = crate::support::run(second.unwrap(), "");
        assert_eq!(status.code(), Some(1), "{name}");
        assert!(lines.is_empty(), "{name}: {lines:?}");
        let sentence = format!(
            "Error: bind failed on 127.0.0.1:{port}, because the port is taken: stop the server that has it \
             (Ctrl-C in its terminal), or choose another with --port (0 picks a free one)\n"
        );
        assert_eq!(errors, sentence, "{name}");
        first.serves_one_more();
    }
}

#[test]
fn a_host_that_is_none_is_one_sentence_and_status_1() {
    for name in SERVERS {
        for (host, because) in [
            ("no such host", "the host \"no such host\" is unknown"),
            ("192.0.2.1", "this machine has no such address"),
        ] {
            let server = crate::support::program::Program::start(
                Command::new(example(name)).args(["--host", host]),
            );
            let (status, _, errors) = crate::support::run(server.unwrap(), "");
            assert_eq!(status.code(), Some(1), "{name}");
            assert_eq!(errors.lines().count(), 1, "{errors}");
            assert!(errors.contains(because), "{errors}");
        }
    }
}
