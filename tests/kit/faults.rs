//! Nothing that a client does ends a server, makes it spin, or costs another client its reply.

use std::io::Write;
use std::process::Command;
use std::time::Duration;

#[cfg(unix)]
use support::no_descriptor_left;
use support::{GREETING, Peer, Server, Unwatched, example, reply_to, servers};

fn greeted(server: &Server) -> Peer {
    server.greeted()
}

fn is_threaded(lesson: &str) -> bool {
    !lesson.contains("blocking")
}

#[test]
fn a_disconnect_at_any_moment_ends_only_that_conversation() {
    for name in servers() {
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
    for name in servers() {
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
    for name in servers() {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        if name.contains("session") || name.contains("names") || name.contains("reverse") {
            peer.send("abc");
            peer.expect(&reply_to(name, b"abc")); // its handler is there, and reads again
        }
        let lost = peer.name();
        peer.reset();
        // The system's own words follow.
        server.wait_for_line(&match name.contains("session") {
            true => format!("Connection {lost} lost: "),
            false => format!("{lost} was lost: "),
        });
        server.serves_one_more();
    }
}

#[test]
fn a_client_that_leaves_without_a_word_is_reported_and_gets_no_reply() {
    for (name, report) in [
        ("01_blocking_upper_server", "left without a message"),
        ("02_blocking_greeter_server", "left without an answer"),
        ("03_threaded_greeter_server", "left without an answer"),
        ("04_threaded_upper_server", "left without a message"),
        ("05_threaded_session_server", "closed: end of input"),
        ("06_locked_names_server", "Bye"),
        ("07_locked_reverse_server", "Bye"),
        ("08_graceful_session_server", "closed: end of input"),
        ("10_broadcast_chat_server", "Guest-1 has left"),
    ] {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        peer.close_sending();
        peer.expect_end();
        server.wait_for_line(report);
    }
}

#[test]
fn text_that_is_not_utf8_gets_a_reply_and_ends_nobody() {
    for name in servers() {
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
    for name in servers() {
        let server = Server::start(name, &[]);
        let mut peer = greeted(&server);
        peer.send(attack);
        peer.expect(&reply_to(name, attack.as_bytes()));
        drop(peer);
        // A chat server prints who is there, and not what is said: see `room.rs`.
        if !name.contains("upper") && !name.contains("chat") {
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
fn a_message_that_fills_the_buffer_gets_its_whole_reply() {
    for name in ["01_blocking_upper_server", "04_threaded_upper_server"] {
        let server = Server::start(name, &[]);
        let mut peer = server.connect();
        peer.send("a".repeat(1024));
        peer.expect(&"A".repeat(1024));
        peer.expect_end();
    }
}

#[test]
fn a_message_larger_than_the_buffer_ends_only_its_own_conversation() {
    for name in servers().filter(|name| name.contains("upper") || name.contains("greeter")) {
        let server = Server::start(name, &[]);
        // More than one packet, and more than both sides can buffer. The server closes with the rest
        // unread: that resets the connection, and can destroy the reply on its way.
        for size in [1025, 100_000, 5_000_000] {
            let mut peer = greeted(&server);
            let _ = peer.stream.write_all(&vec![b'a'; size]);
            peer.expect_gone();
        }
        if name.contains("greeter") {
            server.wait_for_lines(&format!(" said: {}", "a".repeat(1024)), 3);
        }
        server.serves_one_more();
    }
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
    for name in servers() {
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
    for name in servers().filter(|name| is_threaded(name)) {
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
    for name in servers().filter(|name| is_threaded(name)) {
        let server = Server::start_limited("ulimit -n 24", name);
        let mut crowd: Vec<Peer> = (0..40).map(|_| server.connect()).collect();
        let why = no_descriptor_left();
        server.wait_for_line(&format!("cannot accept the next client: {why}; trying again"));
        drop(crowd.split_off(5));
        server.serves_one_more();
    }
}

#[test]
fn a_server_outlives_its_console() {
    for name in servers() {
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
    for name in servers() {
        let first = Server::start(name, &[]);
        let port = first.address.port().to_string();
        let second = assistant::process::program::Program::start(
            Command::new(example(name)).args(["--port", &port]),
        );
        let (status, lines, errors) = support::run(second.unwrap(), "");
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
    for name in servers() {
        for (host, because) in [
            ("no such host", "the host \"no such host\" is unknown"),
            ("192.0.2.1", "this machine has no such address"),
        ] {
            let server = assistant::process::program::Program::start(
                Command::new(example(name)).args(["--host", host]),
            );
            let (status, _, errors) = support::run(server.unwrap(), "");
            assert_eq!(status.code(), Some(1), "{name}");
            assert_eq!(errors.lines().count(), 1, "{errors}");
            assert!(errors.contains(because), "{errors}");
        }
    }
}

/// What /proc knows about threads.
#[cfg(target_os = "linux")]
mod threads {
    use std::io::Read;
    use std::time::Instant;

    use super::*;
    use support::PATIENCE;
    use support::proc::{start_at_the_limit_of_threads, status};

    #[test]
    fn no_thread_stays_behind_to_spin_when_clients_have_left() {
        let threads = |server: &Server| status(server, "Threads");
        for name in servers().filter(|name| is_threaded(name)) {
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
                std::thread::sleep(support::POLL_INTERVAL);
            }
        }
    }

    // 03 and 04 have no such test: there `thread::spawn` panics in `main`, and the server ends. Nor is
    // there one with 16,370 threads, where Linux aborts the process. An experiment of the handout of 05
    // shows this one on every system, with a stack that is too large; it is replayed like the others.
    #[test]
    fn a_thread_that_does_not_start_turns_away_its_client_alone() {
        let has_threads =
            |name: &&str| !["greeter", "upper", "polled"].iter().any(|it| name.contains(it));
        for name in servers().filter(has_threads) {
            let server = start_at_the_limit_of_threads(name);
            let mut served = greeted(&server);
            served.send("before");
            served.expect(&reply_to(name, b"before"));
            let mut crowd: Vec<Peer> = (0..8).map(|_| server.connect()).collect();
            server.wait_for_lines("Thread did not start", 3);
            served.send("after");
            served.expect(&reply_to(name, b"after"));
            // The last client was turned away; when the others have left, there is a thread for a new one.
            crowd.pop().unwrap().expect_gone();
            drop(crowd);
            let deadline = Instant::now() + PATIENCE;
            loop {
                let mut peer = server.connect();
                let _ = peer.stream.write_all(b"x");
                if peer.stream.read(&mut [0; 1]).is_ok_and(|length| length == 1) {
                    break;
                }
                assert!(Instant::now() < deadline, "{name} starts no thread any more");
            }
        }
    }
}
