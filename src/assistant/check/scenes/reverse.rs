//! Exercise 07: a lock that is held for a record, and a handler that panics in one.

use super::crowd::beside_one_that_does_not_read;
use super::reversing::{RECORD_TIMEOUT, REPLY, panic, turn};
use super::{Scene, records};
use crate::check::finding::{Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::verdicts::Code;

/// What the server reads at once at the most, in bytes.
const MAX_MESSAGE: usize = 1024;

pub const ADVICE: &[(Code, &str)] = &[
    (
        Code::TornRecord,
        "The guard of the console's lock: it must be made before the first line of the record and live \
         until after the last. A lock for each line protects nothing. When the lock is poisoned, \
         `lock().ok()` and `if let Ok(_guard)` give no guard at all.",
    ),
    (
        Code::NoPanic,
        "The line with `assert!` in `print_record`: leave it as it is and where it is. It is the bug that \
         your server must survive.",
    ),
];

pub const SCENES: [Scene; 4] = [
    Scene::new("a second client while the first stays", side_by_side),
    Scene::new("a handler that panics in a record", after_a_panic),
    Scene::new("a client that reads no reply", beside_one_without_replies).with_console(),
    Scene::new("records of many clients at once", records::play).with_console(),
];

fn side_by_side(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', "a long hello from A")?;
    stage.connect('B')?;
    turn(stage, 'B', "hello from B")?;
    turn(stage, 'A', "grüße, 你好")?;
    turn(stage, 'A', "  blanks around it \n")?;
    stage.connect('C')?;
    stage.send('C', "C reads no reply")?;
    stage.break_off('C', REPLY)?;
    stage.close('A');
    stage.connect('D')?;
    turn(stage, 'D', "hello from D")?;
    turn(stage, 'B', "still here")?;
    stage.must_be_idle()
}

/// A makes its handler wait in `write`; B must not wait for that.
fn beside_one_without_replies(stage: &mut Stage<'_>) -> Outcome {
    stage.connect_deaf('A')?;
    turn(stage, 'A', "hello from A")?;
    beside_one_that_does_not_read(
        stage,
        |stage| stage.stop_reading('A', &[b'a'; MAX_MESSAGE]),
        |stage, who| turn(stage, who, &format!("hello from {who}")),
    )
}

fn after_a_panic(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', "hello from A")?;
    let patience = stage.patience();
    let prints = stage.has_console() && stage.is_shown("hello from A", RECORD_TIMEOUT);
    stage.connect('B')?;
    panic(stage, 'B')?;
    for who in ['C', 'D'] {
        let served = stage.connect(who).and_then(|()| turn(stage, who, "hello after that"));
        since_the_panic(stage, served)?;
    }
    let served = turn(stage, 'A', "still here");
    since_the_panic(stage, served)?;
    if prints && !stage.is_shown("hello after that", patience) {
        let note = "After the panic of B's handler clients are served, but no record is printed.";
        return Err(stage.finding('D', Code::Poisoned, note).look(PRINTS_NO_MORE).into());
    }
    stage.must_be_alive()
}

const PRINTS_NO_MORE: &str = "What prints the records: a lock that is poisoned \
                              (`unwrap_or_else(PoisonError::into_inner)` takes it and goes on), or a thread \
                              that prints for all, and has ended with the panic?";

const KEEPS_THE_LOCK: &str = "The way that the handler takes when it fails: is the lock released there too (`finally`, \
                              `defer`, `with`, `ensure`)? A lock that the failed handler still holds makes all \
                              others wait.";

/// A client that is turned away now was served before.
fn since_the_panic(stage: &mut Stage<'_>, step: Outcome) -> Outcome {
    let Some(mut finding) = stage.found(step)? else { return Ok(()) };
    let codes = [Code::ClosedEarly, Code::NeverAnswered, Code::SelfDeadlock];
    if codes.contains(&finding.code) {
        // Where Rust panics, a guard releases its lock, and poisons it.
        let is_rust = stage.errors().contains("panicked at ");
        finding.look = (!is_rust).then_some(KEEPS_THE_LOCK);
        finding.code = Code::Poisoned;
        finding.note = format!("{} B had made its handler panic before.", finding.note);
        finding.evidence = stage.last_lines();
    }
    Err(Halt::Found(finding))
}
