//! Plays one act: a server, its clients, and a record of what happens.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::client::record::{CONSOLE, Event, Record, Waited, What};
use crate::client::scripted::ScriptedClient;
use crate::demo::acts::Act;
use crate::draw::thread_lanes::ThreadLanes;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::process::server_process::ServerProcess;
use crate::process::system;
use crate::threads::{Sampler, Unseen};

/// How long the server may take for anything, beside the time that the first client thinks.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked where the server's threads stand.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(50);

/// Who takes part in an act.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The clients; the first one thinks.
    pub clients: Vec<char>,
    /// How long it thinks at the most.
    pub think: Duration,
    /// What makes it think no longer.
    pub enough: fn(&[Event]) -> bool,
}

/// What has been seen of an act.
#[derive(Debug, Default)]
pub struct Seen {
    /// What happened to the clients.
    pub events: Vec<Event>,
    /// What the server printed meanwhile, and when.
    pub output: Vec<(Duration, String)>,
    /// Where the server's threads stood.
    pub threads: ThreadLanes,
    /// Why that is not known.
    pub unseen: Option<Unseen>,
}

/// Plays `act` with the server's `executable`, and shows every change to `watch`: what has been seen
/// so far, and what time it is.
///
/// # Errors
/// When the server or a client is in trouble, and at Ctrl-C. No process is left then either.
pub fn play(
    act: &Act,
    cast: &Cast,
    executable: &Path,
    mut watch: impl FnMut(&Seen, Duration),
) -> Result<Seen, Stopped> {
    if act.stops_server() && !system::has_ctrl_c() {
        let act = act.number;
        return Err(Failure::new(format!(
            "act {act} needs a signal that this system does not have: choose another one"
        ))
        .into());
    }
    let patience = cast.think + PATIENCE;
    let mut server = ServerProcess::start(executable, act.options, PATIENCE)?;
    let address = server.address();
    let record = Record::begin();
    thread::scope(|scope| {
        for (number, &client) in cast.clients.iter().enumerate() {
            let before = number.checked_sub(1).map(|before| cast.clients[before]);
            let script = act.script(client, cast.think, cast.enough);
            let record = &record;
            let follow = move || {
                let may_come = |events: &[Event], before| {
                    act.others_may_come(before, events) && is_connected(events, before)
                };
                let cue = |events: &[Event]| before.is_none_or(|before| may_come(events, before));
                match record.wait_until(patience, cue) {
                    // Its trouble is in the record, where it is looked for below.
                    Waited::Met => {
                        let client = ScriptedClient::new(client, address, patience, record);
                        let _ = client.follow(&script);
                    }
                    Waited::TimedOut => {
                        let why = "waited in vain for its turn to connect".to_owned();
                        record.add(client, What::Failed(why));
                    }
                    Waited::Stopped => {}
                }
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, follow) {
                record.stop();
                return Err(error.into());
            }
        }
        let seen = look_on(act, &record, &cast.clients, &mut server, &mut watch);
        // Ends the clients that are still there: the scope waits for them.
        record.stop();
        let mut seen = seen?;
        if act.stops_server() {
            server.wait_for_end();
        } else {
            server.stop();
        }
        seen.output = server.lines_since(record.start());
        seen.events = record.events();
        Ok(seen)
    })
}

fn is_connected(events: &[Event], client: char) -> bool {
    events.iter().any(|event| event.client == client && matches!(event.what, What::Connected(_)))
}

/// Waits until every client is done.
fn look_on(
    act: &Act,
    record: &Record,
    clients: &[char],
    server: &mut ServerProcess,
    watch: &mut impl FnMut(&Seen, Duration),
) -> Result<Seen, Stopped> {
    let done = |events: &[Event]| {
        events.iter().filter(|event| event.what == What::Done).count() == clients.len()
    };
    let failed = |events: &[Event]| {
        events.iter().find_map(|event| match &event.what {
            What::Failed(trouble) => {
                Some(format!("did not do its part: {} {trouble}", event.client))
            }
            _ => None,
        })
    };
    let mut seen = Seen::default();
    let mut sampler = Sampler::new(server.program().id());
    let mut sampled: Option<Instant> = None;
    let mut told_to_stop = false;
    loop {
        let before = seen.events.len();
        record.wait_until(POLL_INTERVAL, |events| events.len() > before);
        seen.events = record.events();
        if sampled.is_none_or(|at| at.elapsed() >= SAMPLE_INTERVAL) {
            sampled = Some(Instant::now());
            sample(&mut sampler, record.start().elapsed(), &mut seen);
        }
        seen.output = server.lines_since(record.start());
        watch(&seen, record.start().elapsed());
        if interrupt::requested() {
            return Err(Stopped::Interrupted);
        }
        if done(&seen.events) {
            return Ok(seen);
        }
        if !told_to_stop && act.is_time_to_stop(clients, &seen.events) {
            told_to_stop = true;
            record.add(CONSOLE, What::Server("told to stop by Ctrl-C".to_owned()));
            server.interrupt();
        }
        let trouble = failed(&seen.events);
        if trouble.is_some() || (!told_to_stop && server.has_ended()) {
            let trouble = trouble.unwrap_or_else(|| "ended".to_owned());
            let death = server.death();
            return Err(death.unwrap_or_else(|| server.trouble(&trouble)).into());
        }
    }
}

/// Looks where the server's threads stand.
fn sample(sampler: &mut Sampler, at: Duration, seen: &mut Seen) {
    let events = &seen.events;
    match sampler.look() {
        Ok(sample) => seen.threads.add(&sample, at, |peer| {
            let client = events
                .iter()
                .find_map(|event| (event.what == What::Connected(peer)).then_some(event.client));
            client.map_or_else(|| peer.to_string(), String::from)
        }),
        Err(Unseen::Ended) => {}
        Err(unseen) => seen.unseen = Some(unseen),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

    use super::*;
    use crate::client::scripted::Step;
    use crate::demo::acts::ACTS;
    use crate::process::examples::Examples;

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

    fn servers() -> Examples {
        let mut names: Vec<String> = ACTS.iter().map(Act::server).collect();
        names.sort();
        names.dedup();
        Examples::build(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn guests_that_come_later_pause_once_however_many_they_are() {
        let pauses = |act: &Act, client| {
            let script = act.script(client, LONG, |_| false);
            matches!(script[0], Step::Think { .. })
        };
        let chat = ACTS.iter().find(|act| act.number == 12).unwrap();
        assert_eq!(('A'..='I').filter(|client| pauses(chat, *client)).collect::<String>(), "C");
    }

    #[test]
    fn the_others_wait_for_the_first_or_do_not_by_the_order_of_events() {
        let servers = servers();
        for act in [&ACTS[0], &ACTS[4], &ACTS[6]] {
            // On a busy machine A may have thought before the others come: then it thinks longer.
            let waited = [200, 1000, 5000, 20_000].into_iter().any(|millis| {
                let cast = cast(Duration::from_millis(millis), |_| false);
                let played = play(act, &cast, &servers.path(&act.server()), |_, _| {});
                let events = played.unwrap().events;
                let thought = position(&events, 'A', |what| *what == What::Thought);
                ['B', 'C'].into_iter().all(|client| {
                    let came = position(&events, client, |what| matches!(what, What::Connected(_)));
                    let served =
                        position(&events, client, |what| matches!(what, What::Received(_)));
                    assert!(thought < served, "act {}: {events:#?}", act.number);
                    came < thought
                })
            });
            assert!(waited, "act {}: B or C has never come in time", act.number);
        }
        for act in [&ACTS[1], &ACTS[5], &ACTS[7], &ACTS[8], &ACTS[12]] {
            // A thinks until the others are done: if they waited for it, they never would be.
            let cast = cast(LONG, others_are_done);
            let played = play(act, &cast, &servers.path(&act.server()), |_, _| {});
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
        let act = ACTS.iter().find(|act| act.has_workers()).unwrap();
        let clients = act.clients(&[]);
        // B thinks for half of this: on a busy machine, D must be refused meanwhile.
        let cast = Cast { clients, ..cast(Duration::from_secs(2), |_| false) };
        let events = play(act, &cast, &servers.path(&act.server()), |_, _| {}).unwrap().events;
        let thought = |client| position(&events, client, |what| *what == What::Thought);
        let served = position(&events, 'C', |what| matches!(what, What::Received(_)));
        let refused = position(&events, 'D', |what| matches!(what, What::Refused(_)));
        assert!(thought('B') < served && refused < served, "{events:#?}");
        let lanes = crate::draw::lanes::read_lanes(&cast.clients, &events, Duration::MAX);
        let (sentence, as_expected) = crate::demo::words::how_workers_were_shared(&lanes);
        assert!(as_expected && sentence.ends_with(" D was refused."), "{sentence}");
    }

    #[test]
    fn a_guest_that_reads_nothing_is_in_a_chat_until_it_leaves() {
        let servers = servers();
        let act = ACTS.iter().find(|act| act.number == 12).unwrap();
        // On a busy machine A may leave before B has come: then it stays longer.
        let seen = [500, 5_000, 20_000].into_iter().find_map(|millis| {
            let cast = cast(Duration::from_millis(millis), |_| false);
            play(act, &cast, &servers.path(&act.server()), |_, _| {}).ok()
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
        let seen = play(act, &cast, &servers.path(&act.server()), |_, _| {}).unwrap();
        let told = position(&seen.events, CONSOLE, |what| matches!(what, What::Server(_)));
        for client in ['A', 'B', 'C'] {
            let ended = position(&seen.events, client, |what| *what == What::Ended);
            assert!(told < ended, "{:#?}", seen.events);
        }
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
            let seen = play(&ACTS[4], &cast, &servers.path(&ACTS[4].server()), |_, _| {}).unwrap();
            let lanes = seen.threads.lanes().iter();
            let longest = |lane: &crate::draw::thread_lanes::ThreadLane| {
                let longest = lane.stretches.iter().max_by_key(|stretch| stretch.to - stretch.from);
                (lane.name.clone(), longest.map(|it| it.words.clone()).unwrap_or_default())
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
        act.options = &[];
        let cast = cast(Duration::ZERO, |_| false);
        let outcome = play(&act, &cast, &servers.path(&ACTS[0].server()), |_, _| {});
        let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
        let text = failure.to_string();
        let trouble = "02_blocking_greeter_server did not do its part: A waited for its reply, \
             \"A morf olleh\", and got \"Do you want \"; its last lines:\n";
        assert!(text.starts_with(trouble), "{text}");
    }

    /// The process that runs this file.
    #[cfg(target_os = "linux")]
    fn process_of(executable: &Path) -> Option<String> {
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
        let real = servers.path(&ACTS[0].server());
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
        let outcome = play(&ACTS[0], &cast, &script, |seen, _| {
            let waits =
                |event: &Event| event.client == 'C' && matches!(event.what, What::Waiting(_));
            if killed.is_none() && seen.events.iter().any(waits) {
                let server = process_of(&real).unwrap();
                let outer = stat(&server)[1].clone();
                signal("KILL", &outer);
                let deadline = Instant::now() + LONG;
                while stat(&outer)[0] != "Z" {
                    assert!(Instant::now() < deadline, "it has not ended");
                }
                // It holds the sockets, and does nothing more with them. (Stopped before its parent
                // has ended, it would get a SIGHUP.)
                signal("STOP", &server);
                killed = Some(Instant::now());
            }
        });
        let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
        assert!(failure.to_string().starts_with("outer ended (signal: 9"), "{failure}");
        let took = killed.unwrap().elapsed();
        assert!(took < Duration::from_secs(5), "{took:?}");
        // The system has been told to kill it, and does so in its own time.
        let deadline = Instant::now() + LONG;
        while process_of(&real).is_some() {
            assert!(Instant::now() < deadline, "it still runs");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_server_that_is_killed_in_mid_act_is_named_with_its_last_lines() {
        let servers = servers();
        let executable = servers.path(&ACTS[0].server());
        let mut killed = false;
        let cast = cast(LONG, |_| false);
        let outcome = play(&ACTS[0], &cast, &executable, |seen, _| {
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
}
