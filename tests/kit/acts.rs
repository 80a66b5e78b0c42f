//! The acts of the demonstration: by the order of events, and what happens when a server is killed in one.

use std::time::Duration;

use assistant::client::conversation::Conversation;
use assistant::client::record::{Event, What};
use assistant::demo::acts::{ACTS, Act};
use assistant::demo::play::{Cast, play};
use assistant::demo::words::how_workers_were_shared;
#[cfg(unix)]
use assistant::draw::lanes::Doing;
use assistant::draw::lanes::read_lanes;
use assistant::process::cargo_build::Executable;
use assistant::process::examples::{Examples, LabServer};
use assistant::process::interrupt::Stopped;
use support::{built, example};

/// Longer than anything takes: a test that waits for it fails.
const LONG: Duration = Duration::from_secs(60);

fn cast(think: Duration, enough: fn(&[Event]) -> bool) -> Cast {
    Cast { clients: vec!['A', 'B', 'C'], think, enough }
}

fn others_are_done(events: &[Event]) -> bool {
    events.iter().filter(|event| event.what == What::Done).count() == 2
}

/// Where in the list `client` first did something.
#[track_caller]
fn position(events: &[Event], client: char, what: fn(&What) -> bool) -> usize {
    let found = events.iter().position(|event| event.client == client && what(&event.what));
    found.unwrap_or_else(|| panic!("{client} did not in {events:#?}"))
}

/// Copies, so that no other test runs the same file.
fn servers() -> Examples {
    let server = |act: &Act| {
        let name = act.server.example();
        Executable { path: example(name), name: name.to_owned(), is_old: true }
    };
    Examples::copy(&ACTS.iter().map(server).collect::<Vec<_>>(), built()).unwrap()
}

#[test]
fn the_others_wait_for_the_first_or_do_not_by_the_order_of_events() {
    let servers = servers();
    for act in [&ACTS[0], &ACTS[4], &ACTS[6]] {
        // On a busy machine A may have thought before the others come: then it thinks longer.
        let waited = [200, 1000, 5000, 20_000].into_iter().any(|millis| {
            let cast = cast(Duration::from_millis(millis), |_| false);
            let played = play(act, &cast, &servers.path(act.server.example()), |_| {});
            let events = played.unwrap().events;
            let thought = position(&events, 'A', |what| *what == What::Thought);
            ['B', 'C'].into_iter().all(|client| {
                let came = position(&events, client, |what| matches!(what, What::Connected(_)));
                let served = position(&events, client, |what| matches!(what, What::Received(_)));
                assert!(thought < served, "act {}: {events:#?}", act.number);
                came < thought
            })
        });
        assert!(waited, "act {}: B or C has never come in time", act.number);
    }
    for act in [&ACTS[1], &ACTS[5], &ACTS[7], &ACTS[8], &ACTS[12]] {
        // A thinks until the others are done: if they waited for it, they never would be.
        let cast = cast(LONG, others_are_done);
        let played = play(act, &cast, &servers.path(act.server.example()), |_| {});
        let events = played.unwrap().events;
        let thought = position(&events, 'A', |what| *what == What::Thought);
        for client in ['B', 'C'] {
            let done = position(&events, client, |what| *what == What::Done);
            assert!(done < thought, "act {}: {events:#?}", act.number);
        }
    }
}

#[test]
fn two_clients_have_a_worker_one_waits_and_one_is_refused() {
    let servers = servers();
    let act = ACTS.iter().find(|act| act.conversation == Conversation::Pool).unwrap();
    let clients = act.clients(&[]);
    // B thinks for half of this: on a busy machine, D must be refused meanwhile.
    let cast = Cast { clients, ..cast(Duration::from_secs(2), |_| false) };
    let events = play(act, &cast, &servers.path(act.server.example()), |_| {}).unwrap().events;
    let thought = |client| position(&events, client, |what| *what == What::Thought);
    let served = position(&events, 'C', |what| matches!(what, What::Received(_)));
    let refused = position(&events, 'D', |what| matches!(what, What::Refused(_)));
    assert!(thought('B') < served && refused < served, "{events:#?}");
    let lanes = read_lanes(&cast.clients, &events, Duration::MAX);
    let (sentence, as_expected) = how_workers_were_shared(&lanes);
    assert!(as_expected && sentence.ends_with(" D was refused."), "{sentence}");
}

#[test]
fn a_guest_that_reads_nothing_is_in_a_chat_until_it_leaves() {
    let servers = servers();
    let act = ACTS.iter().find(|act| act.number == 12).unwrap();
    // On a busy machine A may leave before B has come: then it stays longer.
    let seen = [500, 5_000, 20_000].into_iter().find_map(|millis| {
        let cast = cast(Duration::from_millis(millis), |_| false);
        play(act, &cast, &servers.path(act.server.example()), |_| {}).ok()
    });
    let seen = seen.unwrap();
    let left = position(&seen.events, 'A', |what| *what == What::Done);
    let told = position(
        &seen.events,
        'B',
        |what| matches!(what, What::Received(bytes) if bytes.ends_with(b"has left.\n")),
    );
    assert!(left < told, "{:#?}", seen.events);
}

#[test]
#[cfg(unix)]
fn ctrl_c_in_mid_act_ends_every_connection() {
    let servers = servers();
    let act = &ACTS[9];
    let cast = cast(Duration::from_millis(50), |_| false);
    let seen = play(act, &cast, &servers.path(act.server.example()), |_| {}).unwrap();
    let told = position(&seen.events, assistant::client::record::CONSOLE, |what| {
        matches!(what, What::Server(_))
    });
    for client in ['A', 'B', 'C'] {
        let ended = position(&seen.events, client, |what| *what == What::Ended);
        assert!(told < ended, "{:#?}", seen.events);
    }
    let mut doing = seen.lanes.iter().flat_map(|lane| &lane.stretches);
    assert!(
        doing.all(|it| it.doing != Doing::WaitingForEnd),
        "A and C are idle: {:#?}",
        seen.lanes
    );
    let last = seen.output.last().map(|(_, line)| line.as_str());
    assert_eq!(last, Some("server stopped"), "{:#?}", seen.output);
}

#[test]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn threads_are_seen_where_they_stand() {
    let servers = servers();
    let mut threads = Vec::new();
    // On a busy machine samples are rare.
    for millis in [200, 1000, 5000, 20_000] {
        let cast = cast(Duration::from_millis(millis), |_| false);
        let seen = play(&ACTS[4], &cast, &servers.path(ACTS[4].server.example()), |_| {}).unwrap();
        let lanes = seen.threads.lanes().iter();
        let longest = |lane: &assistant::draw::thread_lanes::ThreadLane| {
            let longest = lane.stretches.iter().max_by_key(|stretch| stretch.to - stretch.from);
            let words = match longest.map(|it| &it.doing) {
                Some(Doing::Standing(words) | Doing::HeldUp(words)) => words.as_str(),
                _ => "",
            };
            (lane.name.clone(), words.to_owned())
        };
        threads = lanes.map(longest).collect();
        let wanted = [
            ("main", "accept"),
            ("Thread-1", "read, for A"),
            ("Thread-2", "waits for lock 1"),
            ("Thread-3", "waits for lock 1"),
        ];
        if threads.iter().map(|(name, words)| (name.as_str(), words.as_str())).eq(wanted) {
            return;
        }
    }
    panic!("{threads:#?}");
}

#[test]
fn a_server_that_speaks_another_protocol_is_named_with_its_last_lines() {
    let servers = servers();
    let mut act = ACTS[5];
    act.server = LabServer("07_locked_reverse_server");
    let cast = cast(Duration::ZERO, |_| false);
    let outcome = play(&act, &cast, &servers.path(ACTS[0].server.example()), |_| {});
    let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
    let text = failure.to_string();
    let trouble = "02_blocking_greeter_server did not do its part: A waited for its reply, \
         \"A morf olleh\", and got \"Do you want \"; its last lines:\n";
    assert!(text.starts_with(trouble), "{text}");
}

/// The process that runs this file.
#[cfg(target_os = "linux")]
fn process_of(executable: &std::path::Path) -> Option<String> {
    std::fs::read_dir("/proc").unwrap().find_map(|entry| {
        let process = entry.ok()?.path();
        let same = std::fs::read_link(process.join("exe")).ok()? == executable;
        same.then(|| process.file_name()?.to_str().map(str::to_owned))?
    })
}

/// The state of a process, its parent, and so on (proc(5)).
#[cfg(target_os = "linux")]
fn stat(process: &str) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
fn signal(name: &str, process: &str) {
    let mut kill = std::process::Command::new("kill");
    assert!(kill.args([&format!("-{name}"), process]).status().unwrap().success());
}

/// A server's sockets outlive its process when another process has them. Here that is the real
/// server, which the process that is killed has started.
#[test]
#[cfg(target_os = "linux")]
fn an_act_ends_with_its_server_although_another_process_holds_the_sockets() {
    use std::os::unix::fs::PermissionsExt;

    let servers = servers();
    let real = servers.path(ACTS[0].server.example());
    let (script, console) = (real.with_file_name("outer"), real.with_file_name("console"));
    let text = format!(
        "#!/bin/sh\n'{}' \"$@\" >'{console}' 2>&1 </dev/null &\n\
         until grep 'listening on' '{console}' 2>/dev/null; do sleep 0.02; done\n\
         exec sleep 60\n",
        real.display(),
        console = console.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut killed = None;
    let cast = cast(LONG, |_| false);
    let outcome = play(&ACTS[0], &cast, &script, |seen| {
        let waits = |event: &Event| event.client == 'C' && matches!(event.what, What::Waiting(_));
        if killed.is_none() && seen.events.iter().any(waits) {
            let server = process_of(&real).unwrap();
            let outer = stat(&server)[1].clone();
            signal("KILL", &outer);
            let deadline = std::time::Instant::now() + LONG;
            while stat(&outer)[0] != "Z" {
                assert!(std::time::Instant::now() < deadline, "it has not ended");
            }
            // It holds the sockets, and does nothing more with them. (Stopped before its parent
            // has ended, it would get a SIGHUP.)
            signal("STOP", &server);
            killed = Some(std::time::Instant::now());
        }
    });
    let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
    assert!(failure.to_string().starts_with("outer ended (signal: 9"), "{failure}");
    let took = killed.unwrap().elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    // The system has been told to kill it, and does so in its own time.
    let deadline = std::time::Instant::now() + LONG;
    while process_of(&real).is_some() {
        assert!(std::time::Instant::now() < deadline, "it still runs");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_killed_in_mid_act_is_named_with_its_last_lines() {
    let servers = servers();
    let executable = servers.path(ACTS[0].server.example());
    let mut killed = false;
    let cast = cast(LONG, |_| false);
    let outcome = play(&ACTS[0], &cast, &executable, |seen| {
        if !killed && seen.events.iter().any(|event| event.what == What::Thinking) {
            let process = process_of(&executable).unwrap();
            let status = std::process::Command::new("kill").args(["-KILL", &process]).status();
            killed = status.unwrap().success();
        }
    });
    let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
    let text = failure.to_string();
    assert!(text.starts_with("02_blocking_greeter_server ended (signal: 9"), "{text}");
    assert!(text.contains("\n    Connection from: 127.0.0.1:"), "{text}");
    assert_eq!(process_of(&executable), None);
}
