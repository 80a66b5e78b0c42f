//! Every lesson, end to end over real sockets: what it replies, what its console shows, and in which order.

use support::{GREETING, NAMES_REPLY, Server, run, servers, start_client};

const SESSIONS: [&str; 2] = ["05_threaded_session_server", "08_graceful_session_server"];

#[test]
fn upper_replies_in_upper_case_and_hangs_up() {
    for name in ["01_blocking_upper_server", "04_threaded_upper_server"] {
        let server = Server::start(name, &[]);
        for (message, reply) in [("hello", "HELLO"), ("straße", "STRASSE"), ("a\n", "A\n")] {
            let mut peer = server.connect();
            peer.send(message);
            assert_eq!(String::from_utf8_lossy(&peer.receive_to_end()), reply, "{name}");
        }
    }
}

/// Two clients come, and neither says anything: whether the server accepts the second.
#[cfg(target_os = "linux")]
fn accepts_a_second_client(name: &str) -> bool {
    use support::proc::accepts;
    let server = Server::start(name, &[]);
    let first = server.connect();
    assert!(accepts(&server, &first), "{name}");
    accepts(&server, &server.connect())
}

#[test]
#[cfg(target_os = "linux")]
fn the_blocking_servers_leave_the_second_client_in_the_queue() {
    for name in servers() {
        // The threaded servers show that this test can fail.
        assert_eq!(accepts_a_second_client(name), !name.contains("blocking"), "{name}");
    }
}

#[test]
fn blocking_upper_serves_the_second_client_after_the_first() {
    let server = Server::start("01_blocking_upper_server", &[]);
    let (mut first, mut second) = (server.connect(), server.connect());
    second.send("second");
    second.has_nothing_yet();
    first.send("first");
    first.expect("FIRST");
    drop(first);
    second.expect("SECOND");
}

#[test]
fn threaded_upper_serves_the_second_client_while_the_first_is_silent() {
    let server = Server::start("04_threaded_upper_server", &[]);
    let (mut first, mut second) = (server.connect(), server.connect());
    second.send("second");
    second.expect("SECOND");
    second.expect_end();
    first.send("first");
    first.expect("FIRST");
    for peer in [&first, &second] {
        server.wait_for_line(&format!("Accepted connection from {}", peer.name()));
    }
}

#[test]
fn blocking_greeter_greets_the_second_client_after_the_first_has_answered() {
    let server = Server::start("02_blocking_greeter_server", &[]);
    let mut first = server.connect();
    first.expect(GREETING);
    let mut second = server.connect();
    second.send("too early"); // it lies in the socket until the server gets there
    second.has_nothing_yet();
    first.send("yes");
    first.expect_end();
    second.expect(GREETING);
    second.expect_end();

    let (first, second) = (first.name(), second.name());
    server.wait_for_line(&format!("{second} connection ended."));
    let order: Vec<usize> = [
        format!("Connection from: {first}"),
        format!("{first} said: yes"),
        format!("{first} connection ended."),
        format!("Connection from: {second}"),
        format!("{second} said: too early"),
        format!("{second} connection ended."),
    ]
    .iter()
    .map(|line| server.position(line))
    .collect();
    assert!(order.is_sorted(), "{:#?}", server.lines());
}

/// Linux ends a `read` with a timeout when its process was stopped meanwhile, as Ctrl-Z and `fg` do.
#[test]
#[cfg(target_os = "linux")]
fn a_client_may_still_answer_a_server_that_was_stopped_while_it_waited() {
    use support::proc::{wait_until_blocked, wait_until_stopped};

    let server = Server::start("02_solution", &["--patience", "60"]);
    let mut client = server.connect();
    client.expect(GREETING);
    let process = server.program.id();
    wait_until_blocked(process);
    server.program.signal("STOP").unwrap();
    wait_until_stopped(process);
    server.program.signal("CONT").unwrap();
    wait_until_blocked(process);
    client.send("yes");
    client.expect_end();
    server.wait_for_line(&format!("{} said: yes", client.name()));
}

#[test]
fn threaded_greeter_greets_everybody_while_the_first_is_thinking() {
    let server = Server::start("03_threaded_greeter_server", &[]);
    let mut first = server.connect();
    first.expect(GREETING);
    for answer in ["no", "maybe"] {
        let mut other = server.connect();
        other.expect(GREETING);
        other.send(answer);
        other.expect_end();
        server.wait_for_line(&format!("{} said: {answer}", other.name()));
        server.wait_for_line(&format!("{} connection ended.", other.name()));
    }
    first.send("yes");
    first.expect_end();
    server.wait_for_line(&format!("{} said: yes", first.name()));
}

#[test]
fn pooled_greeter_serves_as_many_as_it_has_workers_lets_one_wait_and_refuses_the_rest() {
    let server = Server::start("09_pooled_greeter_server", &["--workers", "2", "--queue", "1"]);
    let mut first = server.connect();
    first.expect(GREETING);
    let mut second = server.connect();
    second.expect(GREETING);
    let mut waiting = server.connect();
    for _ in 0..3 {
        let mut refused = server.connect();
        refused.expect("Server full, try again later.\n");
        refused.expect_end();
        server.wait_for_line(&format!("{} is refused", refused.name()));
    }
    waiting.has_nothing_yet();
    second.send("yes");
    second.expect_end();
    waiting.expect(GREETING);
    // A client that leaves while it waits costs nobody a worker.
    let leaving = server.connect();
    let name = leaving.name();
    server.wait_for_line(&format!("Accepted: {name}"));
    drop(leaving);
    for peer in [&mut first, &mut waiting] {
        peer.send("yes");
        peer.expect_end();
    }
    server.wait_for_line(&format!("{name} connection ended."));
    let mut third = server.connect();
    third.expect(GREETING);
    server.connect().expect(GREETING);
}

#[test]
#[cfg(target_os = "linux")]
fn pooled_greeter_has_as_many_threads_as_before_whatever_comes() {
    use support::proc::status;
    let server = Server::start("09_pooled_greeter_server", &["--workers", "3", "--queue", "20"]);
    let threads = || status(&server, "Threads");
    let before = threads();
    // `main` can be faster than its workers: each of them has a client before the queue fills.
    let mut served: Vec<_> = (0..3).map(|_| server.connect()).collect();
    served.iter_mut().for_each(|peer| peer.expect("Do you want to play a game?\n"));
    let mut crowd: Vec<_> = (0..97).map(|_| server.connect()).collect();
    crowd[96].expect("Server full, try again later.\n");
    assert_eq!(threads(), before);
    drop((served, crowd));
    server.wait_for_lines("connection ended.", 23);
    server.serves_one_more();
    assert_eq!(threads(), before);
}

#[test]
fn session_answers_every_message_until_quit_or_the_end_of_input() {
    for name in SESSIONS {
        let server = Server::start(name, &[]);
        let mut idle = server.connect();
        let mut peer = server.connect();
        for message in ["straße", "why --quit-- is in this message", "\n"] {
            peer.send(message);
            peer.expect("-");
        }
        peer.send("--quit--");
        peer.expect_end();
        let client = peer.name();
        for line in [
            format!("Connected with {client}"),
            format!("Processing the input of {client}: 7 bytes"),
            "Processed result: Hello STRASSE".to_owned(),
            "Processed result: Hello WHY --QUIT-- IS IN THIS MESSAGE".to_owned(),
            format!("Connection {client} closed: the client requested to quit"),
        ] {
            server.wait_for_line(&line);
        }

        idle.send("still here");
        idle.expect("-");
        idle.close_sending();
        idle.expect_end();
        server.wait_for_line(&format!("Connection {} closed: end of input", idle.name()));
        let lines = server.lines();
        let start = if name.starts_with("05") { 1 } else { 0 };
        assert_eq!(lines[start], format!("Server now listening on {}", server.address));
        if start == 1 {
            assert_eq!(lines[0], "Socket created and bound to 127.0.0.1:0");
        }
    }
}

#[test]
fn session_takes_the_quit_word_with_the_end_of_line_that_nc_sends() {
    for name in SESSIONS {
        let server = Server::start(name, &[]);
        for quit in ["--quit--\n", "--quit--\r\n"] {
            let mut peer = server.connect();
            peer.send("hello\n");
            peer.expect("-");
            peer.send(quit);
            peer.expect_end();
        }
    }
}

#[test]
fn a_session_message_that_fills_the_buffer_is_reported_and_what_follows_is_not_lost() {
    for name in SESSIONS {
        let server = Server::start(name, &[]);
        let mut peer = server.connect();
        peer.send("x".repeat(5119));
        peer.expect("-");
        let client = peer.name();
        server.wait_for_line(&format!("Processing the input of {client}: 5119 bytes"));
        peer.send("y".repeat(5120) + "--quit--"); // in one segment
        peer.expect("-");
        peer.expect_end();
        server.wait_for_line(&format!("Connection {client} closed: the client requested to quit"));
        let full = "5120 bytes or more, larger than expected";
        let lines = server.lines();
        assert!(lines.contains(&format!("Processing the input of {client}: {full}")), "{name}");
        assert!(lines.contains(&format!("Processing the input of {client}: 5119 bytes")), "{name}");
    }
}

#[test]
fn names_says_who_accepted_who_serves_and_what_came() {
    let server = Server::start("06_locked_names_server", &[]);
    for number in 1..=2 {
        let mut peer = server.connect();
        for message in ["Hey Server!!!", "again"] {
            peer.send(message);
            peer.expect(NAMES_REPLY);
        }
        let name = peer.name();
        drop(peer);
        server.wait_for_lines("Bye", number);
        let (ip, port) = name.split_once(':').unwrap_or_default();
        let thread = format!("Thread-{number}:");
        let console = server.lines().join("\n");
        for record in [
            format!("main:\n  Connected to : {ip} : {port}"),
            format!("{thread}\n  new connection : {name}"),
            format!("{thread}\n  Received from the client : Hey Server!!!"),
            format!("{thread}\n  Received from the client : again"),
            format!("{thread}\n  Bye"),
        ] {
            assert!(console.contains(&record), "no {record:?} in\n{console}");
        }
    }
}

#[test]
fn reverse_sends_every_message_back_to_front() {
    let server = Server::start("07_locked_reverse_server", &[]);
    let mut peer = server.connect();
    for (message, reply) in [
        ("hello from client", "tneilc morf olleh"),
        ("straße 你好", "好你 eßarts"),
        ("nc\n", "\ncn"),
    ] {
        peer.send(message);
        peer.expect(reply);
    }
    let name = peer.name();
    drop(peer);
    server.wait_for_line("Bye");
    let (ip, port) = name.split_once(':').unwrap_or_default();
    let console = server.lines().join("\n");
    assert!(
        console.starts_with(&format!("Server running on port {}", server.address.port())),
        "{console}"
    );
    assert!(console.contains(&format!("Thread-1:\n  Connected to: {ip} : {port}\n")), "{console}");
    assert!(
        console.contains("Thread-1:\n  hello from client becomes tneilc morf olleh\n"),
        "{console}"
    );
}

#[test]
fn reverse_serves_the_second_client_while_the_first_stays_when_the_lock_is_held_for_a_record() {
    for options in [&[][..], &["--hold", "record"]] {
        let server = Server::start("07_locked_reverse_server", options);
        let mut first = server.connect();
        first.send("first");
        first.expect("tsrif");
        let mut second = server.connect();
        second.send("second");
        second.expect("dnoces");
        first.send("first again");
        first.expect("niaga tsrif");
    }
}

#[test]
fn reverse_is_serial_when_the_lock_is_held_for_the_conversation() {
    let server = Server::start("07_locked_reverse_server", &["--hold", "conversation"]);
    let mut first = server.connect();
    first.send("first");
    first.expect("tsrif");
    let mut second = server.connect();
    second.send("second");
    // It has been accepted and has a thread: it is not the accept loop that it waits for.
    server.wait_for_line(&format!("{} has a thread, which waits for the lock", second.name()));
    second.has_nothing_yet();
    first.send("first again");
    first.expect("niaga tsrif");
    second.has_nothing_yet();
    drop(first);
    second.expect("dnoces");
    server.wait_for_line("  second becomes dnoces");
    let left = server.position("  Bye");
    assert!(left < server.position("  second becomes dnoces"), "{:#?}", server.lines());
}

#[test]
fn every_client_completes_its_conversation_with_its_server() {
    let cases: [(&str, &str, &str, &[&str]); 8] = [
        (
            "01_blocking_upper",
            "",
            "straße",
            &["Input lowercase sentence: straße", "From Server: STRASSE"],
        ),
        ("02_blocking_greeter", "", "yes", &["Do you want to play a game?", "Your answer: yes"]),
        ("03_threaded_greeter", "", "no", &["Do you want to play a game?", "Your answer: no"]),
        ("04_threaded_upper", "", "abc", &["Input lowercase sentence: abc", "From Server: ABC"]),
        (
            "05_threaded_session",
            ". Type quit to end.",
            "hi\n\nquit",
            &[" -> hi", " -> ", " -> quit", "Bye!"],
        ),
        (
            "06_locked_names",
            "",
            "y\nn",
            &[
                "Received from the server : Today we will learn about Multithreading with Socket programming",
                "Do you want to continue(y/n) : y",
                "Received from the server : Today we will learn about Multithreading with Socket programming",
                "Do you want to continue(y/n) : n",
                "Bye Server",
            ],
        ),
        (
            "07_locked_reverse",
            "",
            "Y\nx",
            &[
                "Received from server: tneilc morf olleh",
                "Do you want to continue (y/n): Y",
                "Received from server: tneilc morf olleh",
                "Do you want to continue (y/n): x",
                "Bye!",
            ],
        ),
        ("08_graceful_session", ". Type quit to end.", "quit", &[" -> quit", "Bye!"]),
    ];
    for (lab, connected, input, expected) in cases {
        let server = Server::start(&format!("{lab}_server"), &[]);
        let client = start_client(&format!("{lab}_client"), server.address);
        let (status, lines, errors) = run(client, input);
        assert!(status.success() && errors.is_empty(), "{lab}: {status}\n{errors}");
        assert_eq!(lines[0], format!("Connected to {}{connected}", server.address), "{lab}");
        assert_eq!(lines[1..], *expected, "{lab}");
    }
}

#[test]
fn every_server_listens_on_ipv6_and_on_names() {
    for name in servers() {
        for (host, shown) in [("::1", "[::1]:"), ("[::1]", "[::1]:"), ("localhost", "")] {
            let server = Server::start(name, &["--host", host]);
            server.wait_for_line(&format!("listening on {shown}"));
            assert!(server.address.ip().is_loopback(), "{name}: {}", server.address);
            server.serves_one_more();
        }
    }
}

#[test]
fn a_server_on_every_interface_says_where_other_machines_connect() {
    for name in servers() {
        for host in ["0.0.0.0", "::"] {
            let mut server = Server::start(name, &["--host", host]);
            server.serves_one_more(); // by loopback
            let lines = server.lines();
            let line = lines.iter().find(|line| line.contains("listening on ")).unwrap();
            let (_, others) = line.split_once("; other machines connect to ").unwrap();
            if others != "this machine's own address" {
                server.address = others.parse().unwrap();
                assert!(!server.address.ip().is_unspecified(), "{name}: {line}");
                server.serves_one_more();
            }
        }
    }
}
