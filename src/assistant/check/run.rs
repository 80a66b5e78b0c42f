//! Checks one exercise: plays its scenes, and makes sure of what it finds.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::check::Exercise;
use crate::check::failures::first_failure;
use crate::check::finding::{Finding, Halt, Standing, Stands};
use crate::check::scenes::Scene;
use crate::check::stage::limit::Limit;
use crate::check::stage::target::{Server, Target};
use crate::check::stage::{Patience, SILENCE, Stage};
use crate::check::verdicts::Code;
use crate::client::record::{Event, Record, What};
use crate::draw::figures::figure;
use crate::process::interrupt::{self, Stopped};
use crate::threads::Place;

/// How long a server may take for anything. When it takes longer, the scene is played once more, with
/// [`SECOND`].
const FIRST: Patience =
    Patience { alone: Duration::from_secs(2), beside_others: Duration::from_secs(1) };

/// The same for a server that has made the processor busy without end in an earlier scene.
const FIRST_OF_A_SPINNER: Patience =
    Patience { alone: Duration::from_millis(500), beside_others: Duration::from_millis(500) };

/// As long as it takes.
const SECOND: Patience = Patience { alone: SILENCE, beside_others: SILENCE };

/// How long all scenes of a check may take: a server may need seconds for each of many replies.
const CHECK_TIMEOUT: Duration = Duration::from_secs(60);

/// What clients send that is to make a handler fail.
const PANIC: &[u8] = b"PANIC";

/// Where to look if a thread stands in standard input, and no user is part of the scene.
const KEYBOARD: &str = "The call that reads standard input: a thread of the server waits in it for the keyboard. What \
                        clients say comes from their sockets.";

/// How often a server that finds its port taken gets another one.
const PORTS: usize = 4;

/// What a check has come to.
#[derive(Debug)]
pub struct Checked {
    /// What was found; the code is `PASS` if nothing was.
    pub finding: Finding,
    /// The scenes that went well.
    pub passed: Vec<&'static str>,
    /// The scene that did not.
    pub failed: Option<&'static str>,
    /// The scenes that did not either, and what was found in them, if every scene is played.
    pub failed_too: Vec<(&'static str, Finding)>,
    /// The scenes that could not be played, and why.
    pub left_out: Vec<(&'static str, &'static str)>,
    /// Whether some client got something.
    pub serves: bool,
    /// What happened in the scene that failed.
    pub events: Vec<Event>,
    /// How long it took.
    pub took: Duration,
}

impl Checked {
    /// What it is without scenes.
    pub fn only(finding: Finding) -> Self {
        Self {
            finding,
            passed: Vec::new(),
            failed: None,
            failed_too: Vec::new(),
            left_out: Vec::new(),
            serves: false,
            events: Vec::new(),
            took: Duration::ZERO,
        }
    }

    /// How many points it gets, for a lecturer: one if the server serves a client, and one for each scene that went
    /// well.
    pub fn points(&self) -> usize {
        usize::from(self.serves) + self.passed.len()
    }

    /// Whether all was well.
    pub fn is_pass(&self) -> bool {
        self.finding.code == Code::Pass
    }
}

/// Plays the scenes of an exercise until one of them goes wrong, or `every` scene, each with a server of its own. What
/// is waited for is sent to `waits`, for whom it may concern.
///
/// # Errors
/// When a server cannot be started at all, and at Ctrl-C.
pub fn check(
    exercise: &Exercise,
    target: &Target,
    every: bool,
    waits: &Sender<String>,
) -> Result<Checked, Stopped> {
    target.must_be_reachable()?;
    let start = Instant::now();
    let limit = Limit::of(CHECK_TIMEOUT);
    let mut result = Checked::only(Finding::new(Code::Pass, ""));
    for (number, scene) in (1..).zip(exercise.scenes) {
        // A script does not listen.
        let scenes = exercise.scenes.len();
        let line = format!(
            "Checking {}, scene {number} of {scenes}: {} …",
            exercise.number(),
            scene.title
        );
        let _ = waits.send(line);
        if scene.needs_console && !target.is_started_here() {
            let is_other = scene.options != exercise.scenes[0].options;
            let why =
                if is_other { "it needs other options" } else { "it needs the server's console" };
            result.left_out.push((scene.title, why));
            continue;
        }
        let Played { events, finding, left_out, serves, .. } =
            play_surely(scene, target, result.finding.code, &limit, waits)?;
        result.serves |= serves;
        match (finding, left_out) {
            (None, None) => result.passed.push(scene.title),
            (None, Some(why)) => result.left_out.push((scene.title, why)),
            (Some(finding), _) if result.failed.is_some() => {
                result.failed_too.push((scene.title, finding));
            }
            (Some(finding), _) => {
                result.finding = finding;
                let advice = exercise.advice(result.finding.code);
                result.finding.look = result.finding.look.or(advice);
                result.failed = Some(scene.title);
                result.events = events;
                // A server that serves no client fails in every scene.
                if !every || !result.serves {
                    break;
                }
            }
        }
    }
    result.took = start.elapsed();
    Ok(result)
}

/// What came of a scene.
#[derive(Default)]
struct Played {
    /// What happened, if something was found.
    events: Vec<Event>,
    finding: Option<Finding>,
    /// Whether what was found could be bad luck.
    is_unsure: bool,
    /// Why it could not be played to its end on this system.
    left_out: Option<&'static str>,
    /// Whether some client got something.
    serves: bool,
}

/// Plays a scene; again, when what it found could be bad luck, and there is time. A server that spins, as it did
/// `before`, in an earlier scene, is not waited for again.
fn play_surely(
    scene: &Scene,
    target: &Target,
    before: Code,
    limit: &Limit,
    waits: &Sender<String>,
) -> Result<Played, Stopped> {
    let mut patience = if before == Code::Spins { FIRST_OF_A_SPINNER } else { FIRST };
    let mut ports = 0;
    loop {
        let played = play(scene, target, patience, limit, waits)?;
        match played.finding.as_ref().map(|finding| finding.code) {
            Some(Code::PortTaken) if ports < PORTS => ports += 1,
            Some(Code::Spins) if before == Code::Spins => return Ok(played),
            Some(_) if played.is_unsure && patience != SECOND && !limit.is_over() => {
                patience = SECOND;
            }
            _ => return Ok(played),
        }
    }
}

fn play(
    scene: &Scene,
    target: &Target,
    patience: Patience,
    limit: &Limit,
    waits: &Sender<String>,
) -> Result<Played, Stopped> {
    let record = Record::begin();
    let mut server: Server = target.start(scene.options)?;
    let has_timeouts = scene.options.contains(&"--patience");
    let mut stage = Stage::new(&mut server, &record, patience, limit, has_timeouts, waits);
    let mut played = (scene.play)(&mut stage);
    let mut left_out = None;
    let found = loop {
        match played.map_err(|halt| stage.diagnose(halt)) {
            Ok(()) => break None,
            Err(Ok(finding)) => break Some(*finding),
            Err(Err(Halt::LeftOut(why))) => {
                left_out = Some(why);
                played = stage.must_be_alive();
            }
            Err(Err(Halt::Stopped(stopped))) => return Err(stopped),
            Err(Err(halt)) => played = Err(halt),
        }
    };
    let (ran_out, has_proof) = (stage.certainty().ran_out(), stage.certainty().is_proof());
    let threads = stage.take_standing();
    let serves = stage.any_client_was_served();
    let errors = if found.is_some() { stage.errors() } else { String::new() };
    // If the check's time is over: how long the server has waited for a processor.
    let out_of_time = limit.is_over().then(|| stage.delayed());
    drop(server);
    if interrupt::requested() {
        // What a scene finds after that is the work of Ctrl-C.
        return Err(Stopped::Interrupted);
    }
    let Some(mut finding) = found else {
        return Ok(Played { left_out, serves, ..Played::default() });
    };
    let code = finding.code;
    if code.rests_on_silence() && finding.threads.is_empty() {
        finding.threads = threads;
        finding.is_proved = has_proof;
        let reads_keyboard = |it: &Standing| matches!(it.stands, Stands::Thread(Place::Input));
        if !scene.needs_console && finding.threads.iter().any(reads_keyboard) {
            finding.look = finding.look.or(Some(KEYBOARD));
        }
    }
    let may_be_slow = code.rests_on_silence() && !has_proof;
    if let Some(server_delayed) = out_of_time.filter(|_| may_be_slow) {
        if let Some(delayed) = limit.lacked_processor(server_delayed) {
            return Err(too_busy(delayed).into());
        }
        let seconds = CHECK_TIMEOUT.as_secs();
        let note = format!(
            "The check was ended after {seconds} s, while this client waited. The server answered before, \
             but slowly."
        );
        finding = Finding { step: finding.step, ..Finding::new(Code::NeverAnswered, note) };
        finding.look = Some(
            "What the server does between `read` and `write_all`: what takes it so long? On a busy \
             machine, check again.",
        );
    }
    let is_unsure = finding.rests_on_speed
        || (code.rests_on_time() && !has_proof)
        || (code.rests_on_silence() && ran_out && !finding.is_sure);
    let events = since_the_first_client(record.events());
    tell_failure(&mut finding, &events, &errors);
    Ok(Played { events, finding: Some(finding), is_unsure, left_out, serves })
}

/// Adds what the server says of a failure of its own, unless a client has provoked one or it is told already.
fn tell_failure(finding: &mut Finding, events: &[Event], errors: &str) {
    let provokes = |event: &Event| match &event.what {
        What::Sent(bytes) => bytes.windows(PANIC.len()).any(|it| it == PANIC),
        _ => false,
    };
    let failure = first_failure(errors);
    let Some(message) = failure.first() else { return };
    let is_told = finding.evidence.iter().any(|line| line.contains(message));
    let is_asked_for = finding.code != Code::Died && events.iter().any(provokes);
    if is_told || is_asked_for {
        return;
    }
    if matches!(finding.code, Code::ClosedEarly | Code::NeverAnswered | Code::IncompleteReply) {
        finding.look =
            Some("What the server says, above: it names the line of your program that failed.");
    }
    finding.failure = failure;
}

/// The machine is at fault, not the server.
fn too_busy(delayed: Duration) -> Failure {
    Failure::new(format!(
        "this machine is too busy to check a server: the check waited {} for a processor, and reached \
         its time limit. End other programs, or check one exercise at a time, and check again",
        figure(delayed)
    ))
}

/// Starting the server takes time that is of no interest: times count from the first connection.
fn since_the_first_client(mut events: Vec<Event>) -> Vec<Event> {
    let connected = |event: &&Event| matches!(event.what, What::Connected(_));
    let start = events.iter().find(connected).map_or(Duration::ZERO, |event| event.at);
    events.iter_mut().for_each(|event| event.at = event.at.saturating_sub(start));
    events
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::net::TcpListener;
    use std::sync::mpsc;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// Checks a server that never accepts a client, although the system completes the connection. The check
    /// may take 100 ms, and its client would wait for longer.
    fn check_for_100_ms() -> Result<Played, Stopped> {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = Target::Address(server.local_addr().unwrap());
        let scene = Scene::new("a reply", |stage| {
            stage.connect('A')?;
            stage.expect('A', "hello", "its reply")
        });
        let patience = Patience { alone: MINUTE, beside_others: MINUTE };
        let limit = Limit::of(Duration::from_millis(100));
        play(&scene, &target, patience, &limit, &mpsc::channel().0)
    }

    #[test]
    fn no_client_waits_longer_than_the_check_may_take() {
        let start = Instant::now();
        let played = check_for_100_ms();
        assert!(start.elapsed() < MINUTE, "{:?}", start.elapsed());
        match played {
            Ok(played) => {
                let finding = played.finding.unwrap();
                assert_eq!(finding.code, Code::NeverAnswered);
                assert!(finding.note.starts_with("The check was ended after "), "{}", finding.note);
            }
            // While other tests run.
            Err(stopped) => assert!(stopped.to_string().contains("too busy"), "{stopped}"),
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_server_is_not_at_fault_where_the_check_gets_no_processor() {
        use std::sync::atomic::{AtomicBool, Ordering};
        use std::{hint, thread};

        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..32 * thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        hint::spin_loop();
                    }
                });
            }
            let deadline = Instant::now() + MINUTE;
            let stopped = loop {
                if let Err(stopped) = check_for_100_ms() {
                    break Some(stopped.to_string());
                }
                if Instant::now() > deadline {
                    break None;
                }
            };
            is_over.store(true, Ordering::Relaxed);
            let is_told = stopped.as_ref().is_some_and(|it| it.contains("machine is too busy"));
            assert!(is_told, "{stopped:?}");
        });
    }
}
