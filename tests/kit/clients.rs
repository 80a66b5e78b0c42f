//! Every client against servers that speak as the Python originals do, and against servers that fail.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::process::Command;
use std::time::Instant;

use assistant::process::program::{Printed, Program};
use socket2::{Domain, Socket, Type};
use support::{
    GREETING, NAMES_REPLY, PATIENCE, Server, clients, example, run, start_client, texts,
};

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
                std::thread::sleep(support::POLL_INTERVAL);
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
    loop {
        match stream.read(&mut buffer) {
            // Linux ends a read with a timeout when the process was stopped meanwhile.
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return String::from_utf8(buffer[..read.unwrap()].to_vec()).unwrap(),
        }
    }
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
            // It says that it sends no more: a server that answers every message ends the conversation then.
            assert_eq!(recv(&mut stream), "");
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
        let greeted = |printed: &Printed| {
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
    for name in ["05_threaded_session_client", "08_graceful_session_client"] {
        let (listener, address) = listener();
        let client = start_client(name, address);
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
fn names_sends_what_it_is_told_as_often_as_it_is_told() {
    let (say, times) = (["--say", "straße"], ["--times", "3"]);
    for (options, typed, message, sent) in [
        ([&say[..], &times].concat(), "", "straße", 3),
        (times.to_vec(), "", "Hey Server!!! What will we do in today's lab????", 3),
        (say.to_vec(), "y\nn", "straße", 2),
    ] {
        let (listener, address) = listener();
        let port = address.port().to_string();
        let mut command = Command::new(example("06_locked_names_client"));
        let client = Program::start(command.args(["--port", &port]).args(options)).unwrap();
        let mut stream = accept(&listener);
        let server = std::thread::spawn(move || {
            for _ in 0..sent {
                assert_eq!(recv(&mut stream), message);
                stream.write_all(b"reply").unwrap();
            }
            assert_eq!(recv(&mut stream), "");
        });
        let (status, lines, errors) = run(client, typed);
        server.join().unwrap();
        assert!(status.success(), "{errors}");
        let asked = lines.iter().filter(|line| line.contains("continue")).count();
        assert_eq!(asked, typed.lines().count());
        let replies = lines.iter().filter(|line| *line == "Received from the server : reply");
        assert_eq!(replies.count(), sent);
        assert_eq!(lines.last().map(String::as_str), Some("Bye Server"));
    }
}

#[test]
fn names_refuses_an_empty_message_and_no_times() {
    for options in [["--say", ""], ["--times", "0"], ["--times", "100001"]] {
        let client = Program::start(Command::new(example("06_locked_names_client")).args(options));
        let (status, _, errors) = run(client.unwrap(), "");
        assert_eq!(status.code(), Some(2), "{options:?}: {errors}");
        assert!(errors.contains(options[0]), "{options:?}: {errors}");
    }
}

/// Starts `nc` for the server at `address`; with the default host, the port is enough.
fn start_nc(address: SocketAddr) -> Program {
    let mut command = Command::new(example("nc"));
    if address.ip() != IpAddr::from(Ipv4Addr::LOCALHOST) {
        command.arg(address.ip().to_string());
    }
    Program::start(command.arg(address.port().to_string())).unwrap()
}

#[test]
fn nc_sends_lines_and_prints_what_arrives_until_the_server_closes() {
    for host in ["127.0.0.1", "::1"] {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let mut nc = start_nc(address);
        let mut stream = accept(&listener);
        let shows = |nc: &Program, text: &str| {
            let shown =
                |printed: &Printed| texts(printed).iter().any(|line| line == text).then_some(());
            nc.wait_for(PATIENCE, text, shown).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        };
        shows(&nc, &format!("Connected to {address}"));
        stream.write_all(b"first\n").unwrap(); // before a line is typed
        shows(&nc, "first");
        nc.type_line("straße").unwrap();
        assert_eq!(recv(&mut stream), "straße\n");
        nc.end_input();
        assert_eq!(recv(&mut stream), "", "the end of input is the end of what it sends");
        stream.write_all("still read: \x1b[2J\x07é\n".as_bytes()).unwrap();
        shows(&nc, r"still read: \u{1b}[2J\u{7}é");
        drop(stream);
        let (status, lines, errors) = run(nc, "");
        assert!(status.success() && errors.is_empty(), "{status} {errors}");
        assert_eq!(lines.last().unwrap(), "The server has closed the connection.");
    }
}

#[test]
fn nc_talks_to_the_servers_of_the_kit() {
    let upper = Server::start("01_blocking_upper_server", &[]);
    let (status, lines, _) = run(start_nc(upper.address), "hello");
    assert!(status.success());
    assert_eq!(lines[1..], ["HELLO", "The server has closed the connection."]);
    let greeter = Server::start("03_threaded_greeter_server", &[]);
    let (status, lines, _) = run(start_nc(greeter.address), "yes");
    assert!(status.success());
    assert_eq!(lines[1..], [GREETING.trim_end(), "The server has closed the connection."]);
    greeter.wait_for_line("said: yes");
}

#[test]
fn nc_says_in_one_sentence_what_is_wrong() {
    let (listener, address) = listener();
    drop(listener);
    expect_failure(
        "nc",
        run(start_nc(address), ""),
        "no server is listening there: start the server",
    );
    let unknown = Program::start(Command::new(example("nc")).args(["no such host", "1"])).unwrap();
    expect_failure("nc", run(unknown, ""), "the host \"no such host\" is unknown");
    let portless = Program::start(&mut Command::new(example("nc"))).unwrap();
    let (status, _, errors) = run(portless, "");
    assert_eq!(status.code(), Some(2));
    assert!(errors.contains("<PORT>"), "{errors}");
}

/// The clients that wait for a reply. That of the chat shows what comes: see `room.rs`.
fn clients_with_replies() -> impl Iterator<Item = &'static str> {
    clients().filter(|name| !name.contains("chat"))
}

#[test]
fn the_end_of_input_ends_a_client_politely() {
    for name in clients_with_replies() {
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

/// A port of this address on which no server is listening, and none can while the socket is kept: it is bound, and does
/// not listen.
fn unused(ip: IpAddr) -> (Socket, SocketAddr) {
    let any = SocketAddr::new(ip, 0);
    let socket = Socket::new(Domain::for_address(any), Type::STREAM, None).unwrap();
    socket.bind(&any.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

#[test]
fn nobody_listening_is_one_sentence_that_names_the_next_command() {
    for name in clients() {
        let server = name.replace("_client", "_server");
        for (ip, host) in [
            (Ipv4Addr::LOCALHOST.into(), ""), // what a server listens on anyway
            (Ipv6Addr::LOCALHOST.into(), " --host ::1"),
        ] {
            let (_kept, address) = unused(ip);
            let next = format!(
                "no server is listening there: start the server first: \
                 cargo run --example {server} --{host} --port {}\n",
                address.port()
            );
            expect_failure(name, run(start_client(name, address), ""), &next);
        }
    }
}

#[test]
fn nobody_listening_on_another_machine_is_answered_with_how_to_start_a_server_there() {
    // This machine's own address stands for another machine; choosing it sends nothing.
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    let chosen = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    let Some(own) = chosen.ok().filter(|own| !own.ip().is_unspecified()) else {
        return; // no network: src/address.rs tests the options by themselves
    };
    for name in clients() {
        let (_kept, address) = unused(own.ip());
        let server = name.replace("_client", "_server");
        let next = format!(
            "no server is listening there: start the server on that machine: \
             cargo run --example {server} -- --host 0.0.0.0 --port {}\n",
            address.port()
        );
        expect_failure(name, run(start_client(name, address), ""), &next);
    }
}

#[test]
fn an_unknown_host_is_one_sentence() {
    for name in clients() {
        let client =
            Program::start(Command::new(example(name)).args(["--host", "no such host"])).unwrap();
        expect_failure(name, run(client, ""), "the host \"no such host\" is unknown");
    }
}

#[test]
fn a_server_that_hangs_up_at_once_is_one_sentence() {
    for name in clients_with_replies() {
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
        ("08_graceful_session_client", "-"),
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
    for name in clients_with_replies() {
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
    for name in clients().filter(|name| !name.contains("session")) {
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
