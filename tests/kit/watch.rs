//! `cargo run -- watch` as a person runs it whose output goes to a file, with real clients.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use assistant::process::program::Program;
use support::{GREETING, PATIENCE, Peer, assistant, built, run, texts};

fn watch(args: &[&str]) -> Command {
    assistant(&[&["watch"], args].concat())
}

/// A server that is watched. Each line of the assistant is a time, whose it is, and what.
struct Watched {
    program: Program,
    address: SocketAddr,
}

impl Watched {
    fn start(args: &[&str]) -> Self {
        Self::start_command(&mut watch(args))
    }

    fn start_command(watch: &mut Command) -> Self {
        let program = Program::start(watch).unwrap();
        let address = program.listening_address(PATIENCE);
        let address = address.unwrap_or_else(|gave_up| panic!("{gave_up}")).parse().unwrap();
        Self { program, address }
    }

    fn connect(&self) -> Peer {
        Peer::connect(self.address)
    }

    /// Presses Ctrl-C and returns what was printed on standard output.
    #[track_caller]
    fn interrupt(mut self) -> Vec<String> {
        self.program.signal("INT").unwrap();
        let end = self.program.wait_for_end(PATIENCE).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        let printed = self.program.printed();
        assert_eq!(end.code(), Some(130), "{}", printed.errors());
        let last = "Stopped by Ctrl-C; no server is left running.\n";
        assert!(printed.errors().ends_with(last), "{}", printed.errors());
        texts(&printed)
    }
}

/// Runs it to its end; returns its status, its lines and its errors.
fn finish(args: &[&str], input: &str) -> (Option<i32>, Vec<String>, String) {
    let (status, lines, errors) = run(Program::start(&mut watch(args)).unwrap(), input);
    (status.code(), lines, errors)
}

/// Where the system says where threads stand.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod places {
    use super::*;
    use assistant::process::program::Printed;
    use support::{example, quoted, reply_to};

    impl Watched {
        /// Waits until `count` lines contain this, behind the time and with single spaces.
        #[track_caller]
        fn wait_for(&self, count: usize, said: &str) {
            let enough = |printed: &Printed| {
                let lines = texts(printed);
                let lines = lines.iter().filter_map(|line| line.split_once(" s"));
                let words =
                    lines.map(|(_, line)| line.split_whitespace().collect::<Vec<_>>().join(" "));
                (words.filter(|line| line.contains(said)).count() >= count).then_some(())
            };
            let found = self.program.wait_for(PATIENCE, format!("{count} times {said:?}"), enough);
            found.unwrap_or_else(|gave_up| panic!("{gave_up}"));
        }
    }

    #[test]
    fn lab_02_reads_for_a_and_the_others_are_not_accepted() {
        lab_02_is_watched(&mut watch(&["02", "--port", "0"]));
    }

    #[test]
    fn lab_02_is_watched_where_a_sandbox_refuses_netlink() {
        let mut watch = watch(&["02", "--port", "0"]);
        lab_02_is_watched(watch.env("SOCKETLAB_SYSTEM", "sandbox"));
    }

    #[track_caller]
    fn lab_02_is_watched(watch: &mut Command) {
        let server = Watched::start_command(watch);
        server.wait_for(1, "main accept");
        let mut first = server.connect();
        first.expect(GREETING);
        // Seen before or after it was accepted.
        server.wait_for(1, &format!("A {}, ", first.name()));
        server.wait_for(1, "main read, for A");
        let second = server.connect();
        server.wait_for(1, &format!("B {}, not accepted", second.name()));
        let third = server.connect();
        server.wait_for(1, &format!("C {}, not accepted", third.name()));
        first.send("yes");
        server.wait_for(1, &format!("B {}, accepted", second.name()));
        server.wait_for(1, "main read, for B");
        server.wait_for(1, "A is gone");
        server.interrupt();
    }

    #[test]
    fn lab_03_has_a_thread_for_each_client_and_one_that_accepts() {
        let server = Watched::start(&["03", "--port", "0"]);
        server.wait_for(1, "main accept");
        let mut peers = Vec::new();
        for letter in ["A", "B", "C"] {
            let mut peer = server.connect();
            peer.expect(GREETING);
            server.wait_for(1, &format!(" read, for {letter}"));
            peers.push(peer);
        }
        peers.pop();
        server.wait_for(1, " has ended");
        server.interrupt();
    }

    #[test]
    fn lab_07_waits_for_one_lock_while_it_is_held() {
        let server = Watched::start(&["07", "--port", "0", "--", "--hold", "conversation"]);
        let mut peers: Vec<Peer> = Vec::new();
        for letter in ["A", "B", "C"] {
            let mut peer = server.connect();
            peer.send("hello");
            server.wait_for(1, &format!("{letter} {}, ", peer.name()));
            if letter == "A" {
                peer.expect(&reply_to("07_locked_reverse", b"hello"));
                server.wait_for(1, " read, for A");
            }
            peers.push(peer);
        }
        server.wait_for(1, "main accept");
        server.wait_for(2, " waits for lock 1");
        let lines = server.interrupt();
        assert!(!lines.iter().any(|line| line.contains("lock 2")), "{lines:#?}");
        // The threads for Ctrl-C are no part of the lesson.
        assert!(!lines.iter().any(|line| line.contains("ctrl-c")), "{lines:#?}");
    }

    #[test]
    fn plain_is_sentences_and_the_next_command() {
        let server = Watched::start(&["03", "--port", "0", "--plain"]);
        server.wait_for(1, "main is in accept");
        let mut peer = server.connect();
        peer.expect(GREETING);
        server.wait_for(1, &format!(": A is {}, accepted", peer.name()));
        server.wait_for(1, ": unnamed 1 is in read, for A");
        let port = server.address.port();
        let lines = server.interrupt();
        assert!(lines.iter().all(|line| !line.contains(['\u{1b}', '─']) && !line.contains("  ")));
        assert!(lines[0].contains(" s: console shows: Server listening"), "{lines:#?}");
        let hint = format!(
            "Now, in another terminal: cargo run --example 03_threaded_greeter_client -- --port {port}"
        );
        assert_eq!(lines.iter().filter(|line| **line == hint).count(), 1, "{lines:#?}");
    }

    #[test]
    fn what_does_not_stop_is_killed() {
        // A number of seconds that no other process sleeps.
        let seconds = format!("600.{}", std::process::id());
        let sleeps = || {
            let processes = std::fs::read_dir("/proc").unwrap();
            let command = |entry: std::io::Result<std::fs::DirEntry>| {
                std::fs::read_to_string(entry.ok()?.path().join("cmdline")).ok()
            };
            let mut commands = processes.filter_map(command);
            commands.any(|command| command == format!("sleep\0{seconds}\0"))
        };
        let server = example("03_threaded_greeter_server");
        let command =
            format!("trap '' INT; sleep {seconds} & {} --port {{port}}; wait", quoted(&server));
        let server = Watched::start(&["--port", "0", "--server", &command]);
        let mut peer = server.connect();
        peer.expect(GREETING);
        assert!(sleeps());
        server.interrupt();
        peer.expect_gone();
        let deadline = Instant::now() + PATIENCE;
        while sleeps() {
            assert!(Instant::now() < deadline, "sleep {seconds} is still there");
            thread::sleep(support::POLL_INTERVAL);
        }
    }

    #[test]
    fn a_server_is_found_behind_a_shell_and_every_thread_of_it_if_wanted() {
        let command =
            format!("{} --port {{port}} & wait", quoted(&example("03_threaded_greeter_server")));
        let server = Watched::start(&["--all", "--port", "0", "--server", &command]);
        server.wait_for(1, "main accept");
        server.wait_for(1, "ctrl-c waits for a signal");
        let mut peer = server.connect();
        peer.expect(GREETING);
        server.wait_for(1, " read, for A");
        server.interrupt();
        peer.expect_gone();
    }
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let server = Watched::start(&["02", "--port", "0"]);
    let mut peer = server.connect();
    peer.expect(GREETING);
    let id = server.program.id();
    let lines = server.interrupt();
    assert!(lines.iter().any(|line| line.contains("server stopped")), "{lines:#?}");
    peer.expect_gone();
    let profile = built();
    let copies = format!("assistant-{id}-");
    let mut entries = std::fs::read_dir(profile).unwrap();
    assert!(
        !entries.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(&copies))
    );
}

#[test]
fn the_end_of_a_server_is_reported_with_its_last_lines() {
    let (status, lines, errors) = finish(&["--server", "echo last words && exit 3"], "");
    assert_eq!(status, Some(1), "{errors}");
    assert!(lines.iter().any(|line| line.ends_with("console           last words")), "{lines:#?}");
    let end = "Error: echo last words && exit 3 has ended (exit ";
    assert!(errors.starts_with(end) && errors.contains(": 3)"), "{errors}");

    let (status, lines, errors) = finish(&["--server", "echo done"], "");
    assert_eq!(status, Some(0), "{errors}");
    let end = "echo done has ended (exit ";
    assert!(lines.last().is_some_and(|line| line.starts_with(end)), "{lines:#?}");

    // An option that the lab does not have; `Finished` is cargo's.
    let (status, lines, _) = finish(&["02", "--", "--no-such-option"], "");
    assert_eq!(status, Some(1));
    assert!(lines.iter().any(|line| line.contains("unexpected argument")), "{lines:#?}");
    // A process that has ended is not running.
    assert!(!lines.iter().any(|line| line.ends_with("running")), "{lines:#?}");
}

#[test]
fn what_is_typed_goes_to_the_server() {
    let (status, lines, errors) =
        finish(&["--server", "cat; printf 'no end'"], "hello\n\u{1b}[2J\n");
    assert_eq!(status, Some(0), "{errors}");
    let printed: Vec<&str> =
        lines.iter().filter_map(|line| Some(line.split_once("console")?.1.trim_start())).collect();
    assert_eq!(printed, ["hello", r"\u{1b}[2J", "no end"], "{lines:#?}");
}

#[test]
fn an_exercise_is_watched_by_its_number() {
    for (name, example) in [("01p", "01_practice"), ("1s", "01_solution")] {
        let (status, lines, errors) = finish(&[name, "--", "--help"], "");
        assert_eq!(status, Some(0), "{errors}");
        assert!(lines.iter().any(|line| line.contains("--port")), "{lines:#?}");
        let end = format!("{example} --help has ended");
        assert!(lines.last().is_some_and(|line| line.starts_with(&end)), "{lines:#?}");
    }
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    let mut command = watch(&["02", "--port", "0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
        }
        thread::sleep(support::POLL_INTERVAL);
    }
    let end = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status.code(), Some(0), "{errors}");
    assert!(!errors.contains("panicked") && !errors.contains("Stopped"), "{errors}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        &[][..],
        &["0"],
        &["99"],
        &["07x"],
        &["07ps"],
        &["p"],
        &["07", "--hold", "conversation"],
        &["07", "--server", "true"],
        &["07", "--port", "70000"],
    ] {
        let (status, lines, errors) = finish(args, "");
        assert_eq!(status, Some(2), "{args:?}: {lines:#?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn help_is_below_80_columns() {
    let (status, lines, _) = finish(&["--help"], "");
    assert_eq!(status, Some(0));
    assert!(lines.iter().all(|line| line.chars().count() < 80), "{lines:#?}");
}
