//! Whether silence is proved of programs that wait, sleep or work.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use assistant::check::stage::silence::{PROOF_TIME, Watcher};
use assistant::process::program::Program;

/// How long a proof may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// How often a program is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// Whether silence is proved within this time.
fn is_proved(command: &mut Command, time: Duration) -> bool {
    let program = Program::start(command).unwrap();
    let mut watcher = Watcher::new(program.id(), program.started());
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if watcher.proves_silence(None, LONG, 0) {
            return true;
        }
        thread::sleep(POLL_INTERVAL);
    }
    false
}

#[test]
fn who_waits_for_others_is_silent_and_who_sleeps_or_works_is_not() {
    assert!(is_proved(&mut Command::new("cat"), LONG), "it waits for its input");
    assert!(is_proved(Command::new("sleep").arg("600"), LONG), "it sleeps for longer than that");
    thread::scope(|scope| {
        let sleeps = scope.spawn(|| is_proved(Command::new("sleep").arg("60"), PROOF_TIME * 3));
        let works = ["-c", "while :; do :; done"];
        assert!(!is_proved(Command::new("sh").args(works), PROOF_TIME * 3));
        assert!(!sleeps.join().unwrap());
    });
}

#[test]
fn a_program_goes_on_in_what_it_has_just_started() {
    // The first look comes before the inner shell is started, as a rule.
    let line = "sh -c 'while :; do :; done'; true";
    thread::scope(|scope| {
        let is_proved = || is_proved(Command::new("sh").args(["-c", line]), PROOF_TIME * 2);
        let tries = [(); 5].map(|()| scope.spawn(is_proved));
        assert!(tries.into_iter().all(|one| !one.join().unwrap()));
    });
}

#[test]
fn a_proof_begins_anew_when_something_was_done() {
    let program = Program::start(&mut Command::new("cat")).unwrap();
    let mut watcher = Watcher::new(program.id(), program.started());
    let start = Instant::now();
    let mut deeds = 0;
    while start.elapsed() < PROOF_TIME * 3 {
        deeds += 1;
        assert!(!watcher.proves_silence(None, LONG, deeds));
        thread::sleep(POLL_INTERVAL);
    }
    while !watcher.proves_silence(None, LONG, deeds) {
        assert!(start.elapsed() < LONG);
        thread::sleep(POLL_INTERVAL);
    }
}
