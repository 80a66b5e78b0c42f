//! Every client against servers that speak as the Python originals do, and against servers that fail.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Instant;

use crate::support::program::Program;
use crate::support::{GREETING, NAMES_REPLY, PATIENCE, example, run, start_client, texts};

const CLIENTS: [&str; 7] = [
    "01_blocking_upper_client",
    "02_blocking_greeter_client",
    "03_threaded_greeter_client",
    "04_threaded_upper_client",
    "05_threaded_session_client",
    "06_locked_names_client",
    "07_locked_reverse_client",
];

/// A listener on a free port of the loopback interface.
fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Accepts a client that connects in time.
#[track_caller]
fn accept(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let deadline = Instant::now() + PATIENCE;
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                assert!(Instant::now() < deadline, "no client has connected");
                std::thread::yield_now();
            }
            Err(error) => panic!("{error}"),
        }
    };
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// One `recv(1024)`, as the originals do it.
fn recv(stream: &mut TcpStream) -> String {
    let mut buffer = [0; 1024];
    let length = stream.read(&mut buffer).unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[track_caller]
fn expect_failure(
    name: &str,
    ended: (std::process::ExitStatus, Vec<String>, String),
    because: &str,
) {
    let (status, _, errors) = ended;
    assert_eq!(status.code(), Some(1), "{name}: {errors}");
    assert_eq!(errors.lines().count(), 1, "{name}: {errors}");
    assert!(errors.starts_with("Error: "), "{name}: {errors}");
    assert!(errors.contains(because), "{name} does not say {because:?} but: {errors}");
}

#[test]
fn upper_sends_the_sentence_and_shows_the_reply_of_the_original() {
    for name in ["01_blocking_upper_client", "04_threaded_upper_client"] {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener); // before anything is typed: it connects before it asks
        let server = std::thread::spawn(move || {
            assert_eq!(recv(&mut stream), "straße");
            stream.write_all(b"STRASSE").unwrap();
        });
        let (status, lines, errors) = run(client, "straße");
        server.join().unwrap();
        assert!(status.success(), "{errors}");
        assert_eq!(lines.last().map(String::as_str), Some("From Server: STRASSE"));
    }
}

#[test]
fn greeter_shows_the_greeting_even_in_pieces_and_sends_the_answer() {
    for name in ["02_blocking_greeter_client", "03_threaded_greeter_client"] {
        let (listener, address) = listener();
        let mut client = start_client(name, address);
        let mut stream = accept(&listener);
        stream.set_nodelay(true).unwrap();
        for piece in GREETING.as_bytes().chunks(5) {
            stream.write_all(piece).unwrap();
        }
        let greeted = |printed: &crate::support::program::Printed| {
            texts(printed).contains(&GREETING.trim_end().to_owned()).then_some(())
        };
        client
            .wait_for(PATIENCE, "the greeting", greeted)
            .unwrap_or_else(|gave_up| panic!("{gave_up}"));
        client.type_line("yes").unwrap();
        assert_eq!(recv(&mut stream), "yes");
        drop(stream);
        assert!(client.wait_for_end(PATIENCE).unwrap().success());
    }
}

#[test]
fn session_waits_for_every_reply_and_says_the_quit_word() {
    let (listener, address) = listener();
    let client = start_client("05_threaded_session_client", address);
    let mut stream = accept(&listener);
    let server = std::thread::spawn(move || {
        for message in ["one", "two"] {
            assert_eq!(recv(&mut stream), message);
            stream.write_all(b"-").unwrap();
        }
        assert_eq!(recv(&mut stream), "--quit--");
        assert_eq!(recv(&mut stream), "");
    });
    let (status, _, errors) = run(client, "one\n\ntwo\nquit");
    server.join().unwrap();
    assert!(status.success(), "{errors}");
}

#[test]
fn names_and_reverse_repeat_on_yes_and_close_on_anything_else() {
    let hey = "Hey Server!!! What will we do in today's lab????";
    for (name, message, reply, answers, times) in [
        ("06_locked_names_client", hey, NAMES_REPLY, "y\nn", 2),
        ("06_locked_names_client", hey, NAMES_REPLY, "Y", 1),
        ("07_locked_reverse_client", "hello from client", "tneilc morf olleh", "y\nY\nno", 3),
        ("07_locked_reverse_client", "hello from client", "tneilc morf olleh", "", 1),
    ] {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener);
        let server = std::thread::spawn(move || {
            for _ in 0..times {
                assert_eq!(recv(&mut stream), message);
                stream.write_all(reply.as_bytes()).unwrap();
            }
            assert_eq!(recv(&mut stream), "");
        });
        let (status, lines, errors) = run(client, answers);
        server.join().unwrap();
        assert!(status.success(), "{errors}");
        assert_eq!(lines.iter().filter(|line| line.ends_with(reply)).count(), times);
    }
}

#[test]
fn the_end_of_input_ends_a_client_politely() {
    for name in CLIENTS {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener);
        if name.contains("greeter") {
            stream.write_all(GREETING.as_bytes()).unwrap();
        } else if name.contains("names") || name.contains("reverse") {
            stream.write_all(b"reply").unwrap();
        }
        let (status, lines, errors) = run(client, "");
        assert!(status.success() && errors.is_empty(), "{name}: {status} {errors}");
        assert!(lines.last().is_some_and(|line| line.contains("Bye")), "{name}: {lines:?}");
    }
}

#[test]
fn nobody_listening_is_one_sentence_that_names_the_next_command() {
    for name in CLIENTS {
        let (listener, address) = listener();
        drop(listener);
        let server = name.replace("_client", "_server");
        let next =
            format!("cargo run --example {server} -- --host 127.0.0.1 --port {}", address.port());
        expect_failure(name, run(start_client(name, address), ""), &next);
    }
}

#[test]
fn an_unknown_host_is_one_sentence() {
    for name in CLIENTS {
        let client =
            Program::start(Command::new(example(name)).args(["--host", "no such host"])).unwrap();
        expect_failure(name, run(client, ""), "the host \"no such host\" is unknown");
    }
}

#[test]
fn a_server_that_hangs_up_at_once_is_one_sentence() {
    for name in CLIENTS {
        let (listener, address) = listener();
        let client = start_client(name, address);
        drop(accept(&listener));
        expect_failure(name, run(client, "hello\ny"), "the server ");
    }
}

#[test]
fn a_server_that_is_gone_in_mid_conversation_is_one_sentence() {
    for (name, reply) in [
        ("05_threaded_session_client", "-"),
        ("06_locked_names_client", NAMES_REPLY),
        ("07_locked_reverse_client", "tneilc morf olleh"),
    ] {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener);
        let server = std::thread::spawn(move || {
            recv(&mut stream);
            stream.write_all(reply.as_bytes()).unwrap();
            recv(&mut stream);
        });
        let ended = run(client, if name.contains("session") { "one\ntwo" } else { "y" });
        server.join().unwrap();
        expect_failure(name, ended, "look at its terminal");
    }
}

#[test]
fn a_reply_that_is_not_utf8_is_one_sentence() {
    for name in CLIENTS {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener);
        stream.write_all(b"\xff\xfe\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        expect_failure(name, run(client, "hello"), "is not the text that this lab's server sends");
    }
}

#[test]
fn what_a_server_sends_reaches_the_terminal_escaped() {
    for name in CLIENTS.into_iter().filter(|name| !name.contains("session")) {
        let (listener, address) = listener();
        let client = start_client(name, address);
        let mut stream = accept(&listener);
        stream.write_all(b"\x1b[2J\x07evil\n").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let (_, lines, errors) = run(client, "hello");
        assert!(
            lines.iter().any(|line| line.contains(r"\u{1b}[2J\u{7}evil")),
            "{name}: {lines:?} {errors}"
        );
        assert!(!lines.concat().contains(char::is_control), "{name}: {lines:?}");
    }
}

#[test]
fn what_is_typed_in_another_encoding_is_one_sentence() {
    for name in ["01_blocking_upper_client", "05_threaded_session_client"] {
        let (_listener, address) = listener();
        let mut client = start_client(name, address);
        client.type_bytes(b"caf\xe9\n").unwrap();
        expect_failure(name, run(client, ""), "is not UTF-8 text");
    }
}
