//! `cargo run -- check` and what goes with it, and the checker itself checked: against servers that are known to be wrong.
//!
//! A thousand checks of right and wrong servers while both cores are kept busy, and how many verdicts were wrong:
//!
//!     CHECKS=1000 cargo test --test kit many_checks -- --ignored --nocapture

use std::collections::BTreeSet;
use std::env::consts::OS;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, LazyLock, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use assistant::check::verdicts::VERDICTS;
use assistant::course::{LABS, Lab};
use assistant::process::program::Program;
use support::json::{Json, Strict};
use support::kit::Kit;
use support::{
    Server, assistant, example, quoted, root, run, side_by_side, texts, wrong_servers_program,
};

/// How long a check may take: three minutes on a busy machine, and what it takes to start and to end.
const LONGEST: Duration = Duration::from_secs(200);

/// How many checks are made at once, by all tests: most of the time they wait.
pub const AT_ONCE: usize = 16;

/// How many are being made.
static CHECKS: Mutex<usize> = Mutex::new(0);
static CHECK_ENDED: Condvar = Condvar::new();

/// A place among those that are made at once.
struct Slot;

impl Slot {
    fn take() -> Self {
        let checks = CHECKS.lock().unwrap_or_else(PoisonError::into_inner);
        let room = CHECK_ENDED.wait_while(checks, |checks| *checks >= AT_ONCE);
        *room.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *CHECKS.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        CHECK_ENDED.notify_one();
    }
}

/// Makes a check when there is a place for it; returns its status, its lines and its errors.
fn finish(command: &mut Command) -> (Option<i32>, Vec<String>, String) {
    let _slot = Slot::take();
    finish_at_once(command)
}

/// The same for what makes no check.
fn finish_at_once(command: &mut Command) -> (Option<i32>, Vec<String>, String) {
    let mut program = Program::start(command).unwrap();
    let status = program.wait_for_end(LONGEST).unwrap_or_else(|gave_up| panic!("{gave_up}"));
    let printed = program.printed();
    (status.code(), texts(&printed), printed.errors())
}

/// The verdict of one check, which must be one line of JSON with a fitting exit status.
#[track_caller]
pub fn verdict(args: &[&str]) -> (String, Json) {
    verdict_on(None, args)
}

/// The same; on Linux the assistant can be told to do without what another system lacks.
#[track_caller]
fn verdict_on(system: Option<&str>, args: &[&str]) -> (String, Json) {
    let mut command = assistant(&[args, &["--json"]].concat());
    command.envs(system.map(|system| ("SOCKETLAB_SYSTEM", system)));
    let (status, lines, errors) = finish(&mut command);
    if errors.contains("this machine is too busy") {
        assert_eq!((status, lines.len()), (Some(2), 0), "{lines:#?}\n{errors}");
        return ("not judged".to_owned(), Json::Null);
    }
    assert_eq!(lines.len(), 1, "{args:?}: {lines:#?}\n{errors}");
    let line = Json::read(&lines[0]);
    let code = line.at("verdict").text();
    let passed = code == "PASS";
    assert_eq!(line.at("passed"), &Json::Bool(passed), "{lines:#?}");
    assert_eq!(status, Some(i32::from(!passed)), "{lines:#?}\n{errors}");
    assert_eq!(*line.at("score") == 1.0, passed, "{lines:#?}");
    assert!(passed || !line.at("note").text().is_empty(), "a failure without a note: {lines:#?}");
    (code, line)
}

/// What starts a program that is to take processor time from no other one.
static ASIDE: LazyLock<&str> = LazyLock::new(|| {
    let on_one = "nice -n 19 taskset -c 0";
    let tried = Command::new("sh").args(["-c", &format!("{on_one} true")]).output();
    if tried.is_ok_and(|tried| tried.status.success()) { on_one } else { "nice -n 19" }
});

/// A server of `tests/wrong_servers`.
#[derive(Debug)]
struct WrongServer {
    name: String,
    exercise: String,
    verdict: String,
    /// Systems on which it gets another verdict, because they do not tell enough.
    elsewhere: Vec<(String, String)>,
    /// Whether a check of it takes long: it sleeps, all scenes are played, or its exercise is about waiting.
    is_slow: bool,
    /// What a check of it came to.
    checked: OnceLock<(String, Json)>,
    /// The same, as a person is told it.
    shown: OnceLock<Shown>,
}

/// A report for people.
#[derive(Debug)]
struct Shown {
    verdict: String,
    lines: Vec<String>,
}

/// All of them, with what their heads declare.
fn wrong_servers() -> &'static [WrongServer] {
    static ALL: LazyLock<Vec<WrongServer>> = LazyLock::new(read_wrong_servers);
    &ALL
}

fn read_wrong_servers() -> Vec<WrongServer> {
    let folder = root().join("tests/wrong_servers/src/servers");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut servers: Vec<WrongServer> = files
        .filter(|path| !path.ends_with("mod.rs"))
        .map(|path| {
            let source = fs::read_to_string(&path).unwrap();
            let mut lines = source.lines();
            let mut field = |name: &str| {
                let line = lines.next().unwrap_or_default();
                let value = line.strip_prefix(name).map(|value| value.trim().to_owned());
                value.unwrap_or_else(|| panic!("{}: {line:?} instead of {name}", path.display()))
            };
            let (exercise, verdicts) = (field("//! exercise:"), field("//! verdict:"));
            let mut verdicts = verdicts.split("; ").map(str::to_owned);
            let verdict = verdicts.next().unwrap();
            let pair =
                |text: String| text.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned()));
            let elsewhere = verdicts.map(|text| pair(text).unwrap()).collect();
            assert!(field("//!").len() > 10, "{} does not say what is wrong", path.display());
            let is_slow = source.contains("sleep") || verdict == "PASS" || exercise == "02";
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let (checked, shown) = (OnceLock::new(), OnceLock::new());
            WrongServer { name, exercise, verdict, elsewhere, is_slow, checked, shown }
        })
        .collect();
    // What takes long begins first, and everything else is done meanwhile.
    servers.sort_by(|a, b| (!a.is_slow, &a.name).cmp(&(!b.is_slow, &b.name)));
    servers
}

fn server_command(name: &str) -> String {
    format!("{} {name} --port {{port}}", quoted(&wrong_servers_program()))
}

impl WrongServer {
    /// Without `exec` Ctrl-C would end the shell, whose status says nothing about the server's.
    fn command(&self) -> String {
        let exec = if cfg!(unix) { "exec " } else { "" };
        format!("{exec}{}", server_command(&self.name))
    }

    /// The verdict that it declares for a system, as [`std::env::consts::OS`] names it.
    fn declared(&self, system: &str) -> &str {
        let other = self.elsewhere.iter().find(|(name, _)| name == system);
        other.map_or(&self.verdict, |(_, verdict)| verdict)
    }

    /// Its verdict, and the whole report; the section to read must not be of a later lab.
    fn check(&self, system: Option<&str>) -> (String, Json) {
        // Where it is not seen that a server spins, it does so for as long as its clients are patient: beside all others,
        // and all of them on one processor.
        let is_nice = system.is_some() && self.verdict == "SPINS";
        let nice = |command: String| command.replacen("exec ", &format!("exec {} ", *ASIDE), 1);
        let command = if is_nice { nice(self.command()) } else { self.command() };
        let args = ["check", &self.exercise, "--server", &command];
        let (code, line) = verdict_on(system, &args);
        let read = line.at("read").text();
        let lab = read.strip_prefix("labs/").and_then(|path| path.get(..2));
        assert!(lab.is_some_and(|lab| lab <= &self.exercise), "{}: {read}", self.name);
        (code, line)
    }

    /// The same. Where the verdict is another than the declared one, up to `tries` times: some mistakes show
    /// only when threads meet, or when a buffer of megabytes is full in time, and one check on a machine that
    /// makes many of them can miss them. The thousand checks have one try each.
    fn check_often(&self, system: Option<&str>, tries: u32) -> (String, Json) {
        let declared = self.declared(system.unwrap_or(OS));
        let mut checked = self.check(system);
        for _ in 1..tries {
            if checked.0 != declared {
                checked = self.check(system);
            }
        }
        checked
    }

    /// What a check of it comes to; it is made once for all tests.
    fn checked(&self) -> &(String, Json) {
        self.checked.get_or_init(|| self.check_often(None, 3))
    }

    /// What a person is told of it; the check is made once for all tests.
    fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let mut shown = self.show();
            for _ in 1..3 {
                if shown.verdict != self.declared(OS) {
                    shown = self.show();
                }
            }
            shown
        })
    }

    fn show(&self) -> Shown {
        let args = ["check", &self.exercise, "--server", &self.command()];
        let (status, lines, errors) = finish(&mut assistant(&args));
        let is_told = |line: &String| Some(line.split_once(": ")?.0.to_owned());
        let mut told = lines.iter().rev().filter_map(is_told);
        let verdict = told.find(|name| verdicts().contains(name)).unwrap_or_default();
        let passed = verdict == "PASS";
        let is_judged = !errors.contains("this machine is too busy");
        assert!(!is_judged || status == Some(i32::from(!passed)), "{lines:#?}\n{errors}");
        Shown { verdict, lines }
    }

    /// What there is to say of a verdict that is not the declared one. A system that tells less may find
    /// what Linux finds, on a machine that is busy enough.
    fn difference(&self, system: Option<&str>, (code, line): &(String, Json)) -> Option<String> {
        let (name, declared) = (&self.name, self.declared(system.unwrap_or(OS)));
        let steps = line.at("steps").items().iter().rev().take(6).rev();
        let step = |step: &Json| format!("{} {}", step.at("who").text(), step.at("what").text());
        let steps: Vec<String> = steps.map(step).collect();
        let (note, scene) = (line.at("note").text(), line.at("scene_failed"));
        (!self.is_right(system, code))
            .then(|| format!("{name}: {code} instead of {declared}: {note} {scene:?} {steps:?}"))
    }

    fn is_right(&self, system: Option<&str>, code: &str) -> bool {
        let declared = self.declared(system.unwrap_or(OS));
        // With musl, `join` looks like a lock.
        let is_join = cfg!(target_env = "musl") && declared == "SERIAL" && code == "LOCK_HELD";
        code == declared || is_join || (system.is_some() && *code == self.verdict)
    }
}

/// Checks all of these, several at once; returns what was wrong.
fn check_all<T: Sync>(all: &[T], check: impl Fn(&T) -> Option<String> + Sync) -> Vec<String> {
    side_by_side(AT_ONCE, all, check).into_iter().flatten().collect()
}

/// The same, as another system than this one would have it.
#[cfg(target_os = "linux")]
fn check_all_on(system: &str, servers: &[&WrongServer]) -> Vec<String> {
    let system = Some(system);
    check_all(servers, |server| server.difference(system, &server.check_often(system, 3)))
}

/// Keeps every core busy while `work` is done.
fn with_busy_cores<T>(work: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    let cores = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        // Also when a check fails.
        let _stop = Stop(&done);
        work()
    })
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The servers whose reports are read as people read them: two of each verdict.
fn shown_to_people() -> Vec<&'static WrongServer> {
    let mut servers: Vec<&WrongServer> = wrong_servers().iter().collect();
    servers.sort_by_key(|server| (&server.verdict, &server.name));
    let of_one_verdict = servers.chunk_by(|a, b| a.verdict == b.verdict);
    of_one_verdict.flat_map(|servers| servers.iter().copied().take(2)).collect()
}

/// Each is checked once: two of each verdict as people are told it, all others, and at least one of each
/// verdict, as scripts are.
#[test]
fn every_wrong_server_gets_the_verdict_that_its_head_declares() {
    let servers = wrong_servers();
    assert!(servers.len() >= 160);
    wrong_servers_program();
    let shown: Vec<&str> = shown_to_people().iter().map(|server| &*server.name).collect();
    let wrong = check_all(servers, |server| {
        let same = servers.iter().filter(|other| other.verdict == server.verdict);
        let is_shown = shown.contains(&&*server.name);
        if is_shown && same.count() > 2 {
            let Shown { verdict, lines } = server.shown();
            let wrong = !server.is_right(None, verdict);
            return wrong.then(|| format!("{}: {verdict} in {lines:#?}", server.name));
        }
        server.difference(None, server.checked())
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Those that get another verdict on systems that do not tell where threads stand, or have no Ctrl-C to
/// be sent, and some others: Linux can do without that as well.
#[test]
#[cfg(target_os = "linux")]
fn other_systems_find_what_the_heads_declare_for_them() {
    let is_tried =
        |(number, server): &(usize, &WrongServer)| !server.elsewhere.is_empty() || number % 24 == 0;
    let servers = (1..).zip(wrong_servers()).filter(is_tried).map(|(_, server)| server);
    // Each on one of them; the long test below has all on both.
    let (some, others): (Vec<_>, Vec<_>) =
        servers.enumerate().partition(|(number, _)| number % 2 == 0);
    let on = |system, servers: Vec<(usize, &'static WrongServer)>| {
        let servers: Vec<&WrongServer> = servers.into_iter().map(|(_, server)| server).collect();
        check_all_on(system, &servers)
    };
    wrong_servers_program();
    let wrong = [on("macos", some), on("windows", others)].concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Verdicts come from where the threads stand, and not from the sentences that say so.
#[test]
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn verdicts_hang_on_no_words() {
    let from_threads = ["SERIAL", "LOCK_HELD", "SELF_DEADLOCK"];
    let servers = wrong_servers().iter().filter(|it| from_threads.contains(&&*it.verdict));
    // Of each exercise and verdict one.
    let servers: std::collections::BTreeMap<_, _> =
        servers.map(|server| ((&server.exercise, &server.verdict), server)).collect();
    wrong_servers_program();
    let wrong = check_all(&servers.into_values().collect::<Vec<_>>(), |server| {
        let command = server_command(&server.name);
        let args = ["check", &server.exercise, "--server", &command, "--json"];
        let check = |_| {
            let (_, lines, _) = finish(assistant(&args).env("SOCKETLAB_WORDS", "other"));
            let line = Json::read(&lines[0]);
            let words: Vec<String> =
                line.at("threads").items().iter().map(|it| it.at("stands").text()).collect();
            assert!(words.iter().all(|words| *words == words.to_uppercase()), "{words:#?}");
            server.difference(None, &(line.at("verdict").text(), line))
        };
        // As often as any other check of the museum.
        let wrong: Vec<String> = (0..3).map_while(check).collect();
        (wrong.len() == 3).then(|| wrong.concat())
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A sandbox may refuse to say anything of a connection but in the system's table of all.
#[test]
#[cfg(target_os = "linux")]
fn a_sandbox_that_refuses_netlink_changes_no_verdict() {
    let servers: Vec<&WrongServer> = wrong_servers().iter().skip(8).step_by(24).collect();
    assert!(servers.len() >= 10);
    wrong_servers_program();
    let wrong = check_all_on("sandbox", &servers);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "takes minutes: cargo test --test kit every_wrong_server_on -- --ignored"]
fn every_wrong_server_on_every_system() {
    let servers: Vec<&WrongServer> = wrong_servers().iter().collect();
    wrong_servers_program();
    let wrong =
        ["macos", "windows", "sandbox"].map(|system| (system, check_all_on(system, &servers)));
    assert!(wrong.iter().all(|(_, wrong)| wrong.is_empty()), "{wrong:#?}");
}

/// A scene that was not played has not passed.
#[test]
#[cfg(unix)]
fn a_scene_that_this_system_cannot_play_is_left_out() {
    let args = ["check", "08", "--solution"];
    let (code, line) = verdict_on(Some("windows"), &args);
    assert_eq!(code, "PASS", "{line:#?}");
    let titles =
        |field: &str| -> Vec<String> { line.at(field).items().iter().map(Json::text).collect() };
    let left_out = titles("scenes_left_out");
    assert_eq!(left_out, ["Ctrl-C while a client is idle", "Ctrl-C while the house is full"]);
    assert!(!titles("scenes_passed").iter().any(|title| left_out.contains(title)), "{line:#?}");
    for option in [&[][..], &["--details"]] {
        let mut command = assistant(&[&args, option].concat());
        let (_, lines, _) = finish(command.env("SOCKETLAB_SYSTEM", "windows"));
        let told = lines.iter().filter_map(|line| line.strip_prefix("  left out  "));
        assert!(told.eq(&left_out), "{lines:#?}");
        let why = "            (this system lets no program press Ctrl-C)";
        assert_eq!(lines.iter().filter(|line| *line == why).count(), 2, "{lines:#?}");
    }
}

#[test]
#[ignore = "takes minutes: CHECKS=1000 cargo test --test kit many_checks -- --ignored --nocapture"]
fn many_checks_with_every_core_kept_busy() {
    let count = std::env::var("CHECKS").ok().and_then(|count| count.parse().ok()).unwrap_or(1000);
    let servers: Vec<&WrongServer> = wrong_servers().iter().cycle().take(count).collect();
    wrong_servers_program();
    let start = Instant::now();
    let wrong = with_busy_cores(|| {
        check_all(&servers, |server| server.difference(None, &server.check(None)))
    });
    println!(
        "{count} checks with every core kept busy, in {:.0} s: {} wrong verdicts",
        start.elapsed().as_secs_f64(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The wrong server with this name.
#[track_caller]
fn wrong_server(name: &str) -> &'static WrongServer {
    let server = wrong_servers().iter().find(|server| server.name == name);
    server.unwrap_or_else(|| panic!("{name} is not in tests/wrong_servers"))
}

/// What is reported of it.
#[track_caller]
fn report_on(name: &str) -> &'static Json {
    &wrong_server(name).checked().1
}

/// What is wrong with the report on this server, if it does not show what it must. Up to nine more checks
/// are made: on a busy machine, threads can be looked at a moment too early, and a server's own clock can
/// run out elsewhere than in the scene for it.
#[track_caller]
fn lacks(name: &str, shows: impl Fn(&Json) -> bool) -> Option<String> {
    let report = report_on(name);
    let mut others = (1..10).map(|_| wrong_server(name).check(None).1);
    let is_shown = shows(report) || others.any(|other| shows(&other));
    (!is_shown).then(|| format!("{name}: {report:#?}"))
}

/// The names of all verdicts, from their table.
fn verdicts() -> BTreeSet<String> {
    VERDICTS.iter().map(|verdict| verdict.name.to_owned()).collect()
}

#[test]
fn every_verdict_is_fired_by_a_wrong_server() {
    let mut fired: BTreeSet<String> =
        wrong_servers().iter().map(|server| server.verdict.clone()).collect();
    // No server can cause these: `a_student_at_work` and `what_is_done_and_what_is_not_started` do.
    fired.extend(["DID_NOT_BUILD", "NOT_STARTED"].map(str::to_owned));
    assert_eq!(fired, verdicts());
}

#[test]
fn every_starter_gets_its_verdict() {
    thread::scope(|scope| {
        for lab in LABS {
            scope.spawn(move || {
                let (exercise, folder) = (lab.number(), root().join("labs").join(lab.name()));
                let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
                // Somebody who has begun the exercise may run the tests as well.
                if read("practice.rs") == read("starter.rs") {
                    assert_eq!(
                        verdict(&["check", exercise]).0,
                        lab.exercise.starter.verdict().name,
                        "{exercise}"
                    );
                } else {
                    println!("practice.rs of {exercise} is no longer the starter: not checked");
                }
            });
        }
    });
}

/// The checker tries again when a client that comes at once is refused; the solution need not be asked twice.
#[test]
fn a_place_is_free_before_its_client_sees_the_end() {
    let server = Server::start("08_solution", &["--max", "1"]);
    for last in ["--quit--", "PANIC"].into_iter().cycle().take(200) {
        let mut client = TcpStream::connect(server.address).unwrap();
        client.set_read_timeout(Some(LONGEST)).unwrap();
        client.write_all(b"hello").unwrap();
        let mut reply = [0];
        client.read_exact(&mut reply).unwrap();
        assert_eq!(reply, *b"-");
        client.write_all(last.as_bytes()).unwrap();
        assert_eq!(client.read_to_end(&mut Vec::new()).unwrap(), 0);
    }
}

#[test]
fn two_checks_at_once_while_the_same_example_runs() {
    let _running = Server::start("01_solution", &[]);
    let args = ["check", "01", "--solution", "--json"];
    let both = [(); 2].map(|()| Program::start(&mut assistant(&args)).unwrap());
    for program in both {
        let (status, lines, errors) = run(program, "");
        assert_eq!(status.code(), Some(0), "{lines:#?}\n{errors}");
    }
}

#[test]
fn a_server_that_runs_already() {
    let mut cases = vec![
        ("01_solution", "01", "PASS"),
        ("03_solution", "03", "PASS"),
        ("07_solution", "07", "PASS"),
        ("03_practice", "03", "INCOMPLETE_REPLY"),
        ("01_practice", "01", "CLOSED_EARLY"),
        ("02_solution", "08", "WRONG_REPLY"),
        ("02_solution", "02", "PASS"),
    ];
    // Whoever runs it already has printed what it will; the system knows who was accepted.
    if cfg!(target_os = "linux") {
        cases.push(("07_practice", "07", "LOCK_HELD"));
    }
    let wrong = check_all(&cases, |&(server, exercise, wanted)| {
        let is_partial = server == "07_solution";
        let options: &[&str] = if exercise == "02" { &["--patience", "1"] } else { &[] };
        let server = Server::start(server, options);
        let address = server.address.to_string();
        let (code, line) = verdict(&["check", exercise, "--addr", &address]);
        let names_it = line.at("target").text() == address;
        let leaves_out = !line.at("scenes_left_out").items().is_empty();
        let is_right = code == wanted && names_it && (leaves_out || !is_partial);
        (!is_right).then(|| format!("{wanted}: {line:#?}"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(verdict(&["check", "01", "--addr", &free.to_string()]).0, "NOT_LISTENING");
}

/// Where the threads of servers stand when a client waits in vain. With musl, `join` looks like a lock.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod evidence {
    use super::*;
    use assistant::threads::socket_timeout;
    use support::scratch;

    /// The names and the words of the threads in a report.
    fn threads(line: &Json) -> Vec<(String, String)> {
        let items = line.at("threads").items().iter();
        // A lock's number depends on which others were seen before it, if only for a moment.
        let stands = |one: &Json| {
            let words = one.at("stands").text();
            words.split_once("lock ").map_or(words.clone(), |(words, _)| format!("{words}lock"))
        };
        items.map(|one| (one.at("thread").text(), stands(one))).collect()
    }

    /// A server, and what its report shows.
    type Case = (&'static str, &'static [(&'static str, &'static str)]);

    const CASES: [Case; 5] = [
        (
            "spawn_then_join",
            &[
                ("main", "in join, for unnamed 1"),
                ("unnamed 1", "in read, for A"),
                ("B", "is not accepted"),
            ],
        ),
        ("lines_in_turn", &[("main", "in read, for A"), ("B", "is not accepted")]),
        (
            "reverse_one_thread_for_all",
            &[("main", "in accept"), ("unnamed 1", "in read, for A"), ("B", "is accepted")],
        ),
        (
            "lock_in_the_loop",
            &[("main", "waits for lock"), ("unnamed 1", "in read, for A"), ("B", "is accepted")],
        ),
        (
            "locks_twice",
            &[("main", "in accept"), ("Thread-1", "waits for lock"), ("A", "is accepted")],
        ),
    ];

    /// Asserts that the report on this server shows threads for which `is_it` holds.
    #[track_caller]
    fn assert_threads(name: &str, is_it: impl Fn(&[(&str, &str)]) -> bool) {
        let shows = |report: &Json| {
            let threads = threads(report);
            let threads = threads.iter().map(|(name, words)| (&**name, &**words));
            is_it(&threads.collect::<Vec<_>>())
        };
        let wrong = lacks(name, shows);
        assert!(wrong.is_none(), "{}", wrong.unwrap());
    }

    #[test]
    fn the_report_shows_where_the_threads_stood() {
        for (name, wanted) in CASES {
            assert_threads(name, |threads| threads == wanted);
        }
    }

    /// Which worker takes the first client is chance.
    #[test]
    fn one_worker_holds_the_lock_and_the_other_waits_for_it() {
        assert_threads("pool_guard_in_while_let", |threads| {
            let mut found: Vec<&str> = threads.iter().map(|(_, words)| *words).collect();
            found.sort_unstable();
            found == ["in accept", "in read, for A", "is accepted", "waits for lock"]
        });
    }

    /// On a busy machine the system can make room for more after a while: then B is served, and C waits.
    #[test]
    fn a_lock_that_is_held_while_writing_shows_who_writes_and_who_waits() {
        assert_threads("written_under_the_lock", |threads| {
            threads.starts_with(&[("main", "in accept"), ("Thread-1", "in write, until A reads")])
                && matches!(threads, [.., (_, "waits for lock"), ("B" | "C" | "D", "is accepted")])
        });
    }

    #[test]
    fn a_room_that_is_held_up_shows_who_writes_and_who_waits_for_the_lock() {
        assert_threads("room_written_under_the_lock", |threads| {
            let is_there = |wanted| threads.iter().any(|(_, words)| *words == wanted);
            ["in write, until A reads", "waits for lock", "in read, for A"]
                .into_iter()
                .all(is_there)
        });
    }

    /// The classic Python program in short: `main` takes the lock behind `accept`, and the thread releases
    /// it when its client leaves.
    const CLASSIC: &str = "
import socket, sys, threading

console = threading.Lock()

def serve(stream):
    while True:
        message = stream.recv(1024)
        if not message:
            print('Bye')
            console.release()
            break
        stream.send(message.decode()[::-1].encode())
    stream.close()

server = socket.socket()
server.bind(('', int(sys.argv[1])))
server.listen(5)
while True:
    stream, address = server.accept()
    console.acquire()
    print('Connected to:', address[0], ':', address[1])
    threading.Thread(target=serve, args=(stream,)).start()
";

    #[test]
    fn the_classic_program_takes_its_lock_in_the_loop() {
        if Command::new("python3").arg("--version").output().is_err() {
            println!("there is no python3: not checked");
            return;
        }
        let file = scratch("classic_reverse.py");
        fs::write(&file, CLASSIC).unwrap();
        let server = format!("python3 {} {{port}}", quoted(&file));
        let (code, line) = verdict(&["check", "07", "--server", &server]);
        assert_eq!(code, "LOCK_HELD", "{line:#?}");
        let threads = threads(&line);
        assert_eq!(threads[0], ("main".to_owned(), "waits for lock".to_owned()));
        assert_eq!(threads.last(), Some(&("B".to_owned(), "is accepted".to_owned())));
    }

    #[test]
    fn silence_is_proved_where_no_thread_moves() {
        let is_proved = |report: &Json| matches!(report.at("proved"), Json::Bool(true));
        assert_eq!(lacks("spawn_then_join", is_proved), None);
        // A `read` may have a timeout, where the system does not show that it has none.
        let _ = socket_timeout::of(std::process::id(), 0, false);
        assert_eq!(is_proved(report_on("no_patience")), socket_timeout::are_seen());
    }
}

/// What a check must say of a wrong server, in its note or where it says where to look.
const WORDS: [(&str, &str, &str); 45] = [
    ("counts_from_zero", "note", "so it is player 1, not 0"),
    ("counts_a_copy", "look", "There it is the thread's own copy"),
    ("counts_those_who_answer", "note", "the count waits for an answer"),
    ("counts_twice", "note", "the count is too high"),
    ("numbers_used_twice", "note", "as an earlier client was"),
    ("number_without_newline", "note", "Only the newline at the end of its number is missing"),
    ("number_after_the_answer", "note", "only after it had answered"),
    ("number_on_the_console", "look", "`write_all` writes to the client"),
    ("count_locked_for_the_game", "look", "Count in the loop that accepts"),
    ("count_read_then_written", "note", "two of them are player"),
    ("variables_of_the_loop", "look", "must be copies of its own"),
    ("answer_read_to_the_end", "note", "only when B had ended its input"),
    ("waits_for_the_slow_to_close", "note", "only when A had closed the connection, too"),
    ("full_buffer_means_more", "look", "A buffer that is full does not mean that more will come"),
    ("empty_line_ends_the_client", "look", "not at an empty text"),
    ("quit_word_behind_blanks", "note", "with blanks in front of it"),
    ("a_char_for_each_byte", "look", "Collect bytes, and count bytes"),
    ("a_reply_for_each_read", "note", "replies once for each `read`"),
    ("a_reader_for_each_line", "look", "a reader that is made for each line"),
    ("forgets_the_rest", "note", "\"--qu\" and then \"it--"),
    ("lines_of_text_only", "look", "return an error for bytes that are not UTF-8"),
    ("count_up_a_copy", "look", "counted in a `move` closure is the thread's own copy"),
    ("count_down_a_copy", "look", "counting that down changes nothing in `main`"),
    ("no_bug_to_survive", "note", "must make its handler panic"),
    ("turns_the_knock_away", "look", "look at the flag first"),
    ("accepts_two_for_one", "note", "the server accepted A and does not serve it"),
    ("reads_to_the_end", "note", "reads everything before it answers anything"),
    ("waits_for_newline", "note", "Clients of this system send none"),
    ("waits_to_fill_its_buffer", "look", "`read_exact` waits until the buffer is full"),
    ("closes_the_idle", "look", "It must wait until something arrives"),
    ("ten_messages", "look", "no fixed number of turns"),
    ("end_of_input_is_too_slow", "look", "`Ok(0)` means that the client has closed"),
    ("every_error_is_too_slow", "note", "took one of them for too slow"),
    ("a_patience_of_its_own", "look", "not a time that the program has of its own"),
    ("too_slow_without_newline", "note", "Only the newline at the end"),
    ("too_slow_on_the_console", "look", "`write_all` writes to the client"),
    ("lock_for_each_half_in_turn", "note", "came between the message and its answer"),
    ("bug_taken_out", "note", "No handler panicked"),
    ("unlocked_after_a_panic", "look", "give no guard at all"),
    ("sleeps_for_its_patience", "look", "a `sleep` always takes its whole time"),
    ("pool_last_comes_first", "note", "C came after B, and was greeted before it"),
    ("pool_that_grows", "look", "A worker that goes on does not start another"),
    ("pool_that_starts_afresh", "look", "Those in the queue stay there"),
    ("pool_that_refuses_late", "note", "should have been refused at once"),
    ("pool_for_quick_thinkers", "note", "had not answered"),
];

#[test]
fn a_wrong_turn_is_told_in_words_that_fit() {
    let wrong = check_all(&WORDS, |(name, field, words)| {
        let wrong = lacks(name, |report| report.at(field).text().contains(words));
        wrong.map(|wrong| format!("no {words:?} in {wrong}"))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_failure_names_the_step_and_shows_it_to_people_within_80_columns() {
    let line = report_on("stale_bytes");
    let failed: Vec<&Json> = line
        .at("steps")
        .items()
        .iter()
        .filter(|step| step.at("failed") == &Json::Bool(true))
        .collect();
    assert_eq!(failed.len(), 1, "{line:#?}");
    assert_eq!(failed[0].at("who").text(), "A");
    let details = |server: &WrongServer| {
        let args = ["check", &server.exercise, "--server", &server.command(), "--details"];
        finish(&mut assistant(&args))
    };
    let (status, lines, _) = details(wrong_server("stale_bytes"));
    assert_eq!(status, Some(1));
    let text = lines.join("\n");
    let mut rest = &text[..];
    for part in [
        "  expected  THEN A SHORT ONE   (16 bytes)",
        "  got       THEN A SHORT ONEOMES FIRST   (26 bytes)",
        "                            ^",
        "What happened",
        "WRONG_REPLY: The server answered",
        "Why this is the cause",
        "Where to look first",
        "Read  labs/01_blocking_upper/README.md#",
    ] {
        let at = rest.find(part);
        rest = at.map(|at| &rest[at..]).unwrap_or_else(|| panic!("no {part:?} here in\n{text}"));
    }
    assert_eq!(lines.iter().filter(|line| line.starts_with('✗')).count(), 1, "{text}");
    assert!(lines.iter().any(|line| line.starts_with("  A ")), "no lane in\n{text}");
    let refused = wrong_servers().iter().filter(|server| server.name.starts_with("refused"));
    let wrong = check_all(&refused.collect::<Vec<_>>(), |server| {
        let (_, lines, _) = details(server);
        let is_plain =
            |line: &String| line.chars().count() <= 80 && !line.contains(char::is_control);
        (!lines.iter().all(is_plain)).then(|| lines.join("\n"))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_plain_report_is_sentences_without_a_drawing() {
    let stale = [
        "  Expected: 16 bytes, \"THEN A SHORT ONE\".",
        "  Byte 17 differs: nothing was expected, and \"O\" came.",
        ": A gets \"THEN A SHORT ONEOMES FIRST\". This is the step that failed.",
        "WRONG_REPLY: The server answered",
    ];
    let serial = ["This is the step that", "SERIAL: "];
    for (name, parts) in [("stale_bytes", &stale[..]), ("chat_in_turn", &serial)] {
        let server = wrong_server(name);
        let args = ["check", &server.exercise, "--server", &server.command(), "--plain"];
        for details in [&[][..], &["--details"]] {
            let (status, lines, _) = finish(&mut assistant(&[&args, details].concat()));
            let text = lines.join("\n");
            assert_eq!(status, Some(1), "{text}");
            let is_drawn = |c: char| matches!(c, '\u{1b}' | '✗' | '\u{2190}'..='\u{2bff}');
            assert!(!text.contains(is_drawn), "{text}");
            assert!(lines.iter().all(|line| line.trim() != "^"), "{text}");
            parts.iter().for_each(|part| assert!(text.contains(part), "no {part:?} in\n{text}"));
        }
    }
}

#[test]
fn a_report_fits_into_one_pane_and_ends_with_its_verdict() {
    wrong_servers_program();
    let wrong = check_all(&shown_to_people(), |server| {
        let Shown { verdict, lines } = server.shown();
        let text = lines.join("\n");
        let is_plain =
            |line: &String| line.chars().count() <= 80 && !line.contains(char::is_control);
        let at = |start: &str| lines.iter().rposition(|line| line.starts_with(start));
        let end = at(&format!("{verdict}: "));
        let ends_with_it = end.is_some() && at("✗") < end;
        let points_to_more = verdict == "PASS"
            || (end < at("Look first: ") && lines.last().unwrap().ends_with("--details"));
        let fits = lines.len() <= 24 && lines.iter().all(is_plain);
        (!fits || !ends_with_it || !points_to_more).then(|| format!("{}:\n{text}", server.name))
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_verdict_and_every_exercise_has_its_place_in_a_handout() {
    let pages = support::markdown::pages();
    for (lab, heading) in VERDICTS.iter().flat_map(|verdict| verdict.read) {
        let anchor = heading.to_lowercase().replace(' ', "-");
        let page = pages.iter().find(|page| page.name() == format!("labs/{lab}/README.md"));
        assert!(page.unwrap().anchors().contains(&anchor), "{lab} has no #{anchor}");
    }
    for lab in support::markdown::labs() {
        let hints = fs::read_to_string(root().join("labs").join(&lab).join("hints.txt")).unwrap();
        let hints: Vec<&str> = hints.split("\n---\n").collect();
        assert_eq!(hints.len(), 3, "{lab}");
        assert!(hints.iter().all(|hint| hint.trim().len() > 40), "{lab}: {hints:#?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        &["check", "99"][..],
        &["check", "0"],
        &["check", "two"],
        &["check", "--server", "x {port}"],
        &["check", "--addr", "127.0.0.1:1"],
        &["check", "01", "--addr", "nowhere"],
        &["check", "01", "--plain", "--json"],
        &["check", "01", "--solution", "--addr", "127.0.0.1:1"],
        &["check", "04", "--addr", "127.0.0.1:1"],
        &["check", "06", "--addr", "127.0.0.1:1"],
        &["hint"],
        &["solution", "99"],
        &["reset"],
    ] {
        let (status, lines, errors) = finish_at_once(&mut assistant(args));
        assert_eq!(status, Some(2), "{args:?}: {lines:#?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn help_is_below_80_columns() {
    for command in ["check", "hint", "solution", "reset"] {
        let (status, lines, _) = finish_at_once(&mut assistant(&[command, "--help"]));
        assert_eq!(status, Some(0));
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    }
}

#[test]
fn a_student_at_work() {
    let kit = Kit::copy();
    let starter = fs::read_to_string(kit.practice()).unwrap();

    // Broken: the compiler's words.
    fs::write(kit.practice(), starter.replace("let mut buffer", "let buffer")).unwrap();
    let (status, text) = kit.run(&["check", "01"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("DID_NOT_BUILD: The program does not compile"), "{text}");
    assert!(text.contains("error[E0596]: cannot borrow `buffer` as mutable"), "{text}");
    assert!(text.contains("labs/01_blocking_upper/practice.rs:"), "{text}");
    let (_, text) = kit.run(&["check", "01", "--json"]);
    assert_eq!(Json::read(&text).at("verdict").text(), "DID_NOT_BUILD");

    // Hints, one more each time; then all of them.
    for number in 1..=3 {
        let (status, text) = kit.run(&["hint", "01"]);
        assert_eq!(status, Some(0), "{text}");
        assert!(text.starts_with(&format!("Exercise 01, hint {number} of 3\n")), "{text}");
        assert_eq!(text.matches(" of 3\n").count(), 1, "{text}");
    }
    let (_, text) = kit.run(&["hint", "01"]);
    assert_eq!(text.matches(" of 3\n").count(), 3, "{text}");

    // The solution is for those who have passed, or ask for it anyway.
    let (status, text) = kit.run(&["solution", "01"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("does not pass yet: DID_NOT_BUILD"), "{text}");
    let (status, anyway) = kit.run(&["solution", "01", "--anyway"]);
    assert_eq!(status, Some(0), "{anyway}");
    assert!(anyway.contains("\n-     // TODO: not one message but all of them"), "{anyway}");

    // Solved.
    fs::copy(kit.folder.join("labs/01_blocking_upper/solution.rs"), kit.practice()).unwrap();
    let (status, text) = kit.run(&["check", "01"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("PASS: All checks passed."), "{text}");
    let (status, text) = kit.run(&["solution", "01"]);
    assert_eq!((status, text), (Some(0), anyway));

    // Back to the starter: nothing of the student's is lost, however often.
    let kept = |number: u32| kit.practice().with_file_name(format!("practice.rs.kept-{number}"));
    for number in 1..=2 {
        let own = format!("// version {number}\n");
        fs::write(kit.practice(), &own).unwrap();
        let (status, text) = kit.run(&["reset", "01"]);
        assert_eq!(status, Some(0), "{text}");
        assert!(text.ends_with(&format!("practice.rs.kept-{number}")), "{text}");
        assert_eq!(fs::read_to_string(kept(number)).unwrap(), own);
        assert_eq!(fs::read_to_string(kit.practice()).unwrap(), starter);
    }
    let (_, text) = kit.run(&["reset", "01"]);
    assert!(text.ends_with("practice.rs is the starter already."), "{text}");
    assert!(!kept(3).exists());
}

/// Every solution passes. `practice` has the table as scripts get it.
#[test]
fn all_exercises_are_a_table_with_what_is_next() {
    let (status, lines, errors) = finish(&mut assistant(&["check", "--solution"]));
    assert_eq!(status, Some(0), "{lines:#?}\n{errors}");
    let all = LABS.len();
    assert_eq!(lines.iter().filter(|line| line.contains("PASS")).count(), all, "{lines:#?}");
    assert_eq!(lines.last(), Some(&format!("{all} of {all} pass.")));
}

/// A server that the checker cannot connect to is not always at fault, or is told what is.
#[test]
fn a_server_on_the_ipv6_address_of_localhost_is_told_so() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return println!("this machine has no ::1: not checked");
    }
    let command = format!("{} --host ::1 --port {{port}}", quoted(&example("01_solution")));
    let (code, line) = verdict(&["check", "01", "--server", &command]);
    assert_eq!(code, "NOT_LISTENING", "{line:#?}");
    assert!(line.at("note").text().contains("A server listens on [::1]:"), "{line:#?}");
    assert!(line.at("look").text().contains("127.0.0.1 in place of"), "{line:#?}");
}

/// What /proc knows about processes.
#[cfg(target_os = "linux")]
mod processes {
    use std::path::PathBuf;

    use super::*;
    use support::{assistant_program, scratch};

    fn running(mark: &str) -> usize {
        let is_it = |entry: std::io::Result<fs::DirEntry>| {
            let line = fs::read(entry.ok()?.path().join("cmdline")).ok()?;
            let words: Vec<_> = line.split(|byte| *byte == 0).collect();
            (words.first() == Some(&&b"sleep"[..]) && words.contains(&mark.as_bytes()))
                .then_some(())
        };
        fs::read_dir("/proc").unwrap().filter_map(is_it).count()
    }

    /// A process that has been killed is gone a moment later.
    fn expect_gone(mark: &str) {
        let deadline = Instant::now() + LONGEST;
        while running(mark) > 0 {
            assert!(Instant::now() < deadline, "sleep {mark} is still running");
            thread::sleep(support::POLL_INTERVAL);
        }
    }

    /// Kills the process whose number stands in this file.
    struct KillAtEnd(PathBuf);

    impl Drop for KillAtEnd {
        fn drop(&mut self) {
            if let Ok(process) = fs::read_to_string(&self.0) {
                let _ = Command::new("kill").args(["-KILL", process.trim()]).status();
            }
            let _ = fs::remove_file(&self.0);
        }
    }

    #[test]
    fn a_server_in_the_background_is_not_judged() {
        let name = format!("background-{}.pid", std::process::id());
        let file = KillAtEnd(scratch(&name));
        let server = example("01_solution");
        let command = format!(
            "setsid -f sh -c 'echo $$ > \"{}\"; exec \"{}\" --port {{port}}'",
            file.0.display(),
            server.display()
        );
        let (status, lines, errors) =
            finish(&mut assistant(&["check", "01", "--server", &command]));
        assert_eq!(status, Some(2), "{lines:#?}\n{errors}");
        assert!(errors.contains("the server went into the background"), "{errors}");
    }

    #[test]
    fn a_machine_without_loopback_is_no_fault_of_the_student() {
        let isolated = |args: &[&str]| {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-root-user", "--net"]).args(args).current_dir(root());
            command
        };
        if !isolated(&["true"]).status().is_ok_and(|status| status.success()) {
            return println!("no network namespaces here: not checked");
        }
        let command = server_command("one_reply");
        let checker = assistant_program();
        let (status, lines, errors) = finish(&mut isolated(&[
            checker.to_str().unwrap(),
            "check",
            "01",
            "--server",
            &command,
        ]));
        assert_eq!(status, Some(2), "{lines:#?}\n{errors}");
        assert!(errors.contains("does not let programs connect to 127.0.0.1"), "{errors}");
    }

    /// A server that starts somebody else, who would live for a long time.
    fn with_a_child(mark: &str) -> String {
        format!("sleep {mark} & exec {}", server_command("one_reply"))
    }

    #[test]
    fn a_check_ends_the_whole_process_group() {
        let mark = "4711.25";
        let (code, _) = verdict(&["check", "01", "--server", &with_a_child(mark)]);
        assert_eq!(code, "CLOSED_EARLY");
        expect_gone(mark);
    }

    #[test]
    fn ctrl_c_leaves_nothing_behind() {
        let mark = "4712.25";
        let command = format!("sleep {mark} & exec {}", server_command("silent"));
        let mut check = assistant(&["check", "01", "--server", &command]);
        let mut program = Program::start(&mut check).unwrap();
        let deadline = Instant::now() + LONGEST;
        while running(mark) == 0 {
            assert!(Instant::now() < deadline, "no server: {:?}", program.printed());
            thread::sleep(support::POLL_INTERVAL);
        }
        program.signal("INT").unwrap();
        let end = program.wait_for_end(LONGEST).unwrap_or_else(|gave_up| panic!("{gave_up}"));
        assert_eq!(end.code(), Some(130));
        expect_gone(mark);
    }
}

#[test]
fn the_exercises_are_built_as_examples() {
    for exercise in LABS.iter().map(Lab::number) {
        assert!(example(&format!("{exercise}_practice")).exists(), "{exercise}");
    }
}
