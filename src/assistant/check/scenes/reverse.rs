//! Exercise 07: a lock that is held for a record, and a handler that panics in one.

use std::time::Duration;

use super::{Scene, records};
use crate::assistant::check::stage::{Halt, Outcome, Stage};
use crate::assistant::check::verdicts::Code;

const REPLY: &str = "its reply";

/// What the server reads at once at the most, in bytes.
const MAX_MESSAGE: usize = 1024;

/// How long a record may take that was printed before its reply.
const RECORD_TIMEOUT: Duration = Duration::from_millis(500);

pub const SCENES: [Scene; 4] = [
    Scene {
        title: "a second client while the first stays",
        options: &[],
        needs_console: false,
        play: side_by_side,
    },
    Scene {
        title: "a handler that panics in a record",
        options: &[],
        needs_console: false,
        play: after_a_panic,
    },
    Scene {
        title: "a client that reads no reply",
        options: &[],
        needs_console: true,
        play: beside_one_that_does_not_read,
    },
    Scene {
        title: "records of many clients at once",
        options: &[],
        needs_console: true,
        play: records::play,
    },
];

/// Says something and gets it back to front.
pub fn turn(stage: &mut Stage<'_>, who: char, message: &str) -> Outcome {
    stage.send(who, message)?;
    stage.expect(who, message.chars().rev().collect::<String>(), REPLY)
}

fn side_by_side(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', "a long hello from A")?;
    stage.connect('B')?;
    turn(stage, 'B', "hello from B")?;
    turn(stage, 'A', "grüße, 你好")?;
    stage.connect('C')?;
    stage.send('C', "nobody reads the reply")?;
    stage.break_off('C', REPLY)?;
    stage.close('A');
    stage.connect('D')?;
    turn(stage, 'D', "hello from D")?;
    turn(stage, 'B', "still here")?;
    stage.must_be_idle()
}

/// A makes its handler wait in `write`; that is no reason for B to wait.
fn beside_one_that_does_not_read(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', "hello from A")?;
    if stage.sees_threads() && stage.stop_reading('A', &[b'a'; MAX_MESSAGE])? {
        stage.connect('B')?;
        turn(stage, 'B', "hello from B")?;
    }
    stage.must_be_alive()
}

fn after_a_panic(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', "hello from A")?;
    let patience = stage.patience();
    let prints = stage.has_console() && stage.is_shown("hello from A", RECORD_TIMEOUT);
    stage.connect('B')?;
    stage.send('B', "PANIC says B")?;
    // It may be answered all the same, or lose its connection.
    stage.listen('B', patience, |arrived| !arrived.is_empty())?;
    stage.close('B');
    for who in ['C', 'D'] {
        let served = stage.connect(who).and_then(|()| turn(stage, who, "hello after that"));
        served.map_err(|halt| since_the_panic(stage, halt))?;
    }
    turn(stage, 'A', "still here").map_err(|halt| since_the_panic(stage, halt))?;
    if prints && !stage.is_shown("hello after that", patience) {
        let note = "After the panic of B's handler clients are served, but no record is printed.";
        return Err(stage.finding('D', Code::Poisoned, note).into());
    }
    stage.must_be_alive()
}

/// Whoever is turned away now was served before.
fn since_the_panic(stage: &mut Stage<'_>, halt: Halt) -> Halt {
    match halt {
        Halt::Found(mut finding)
            if matches!(finding.code, Code::ClosedEarly | Code::NeverAnswered) =>
        {
            finding.code = Code::Poisoned;
            finding.note = format!("{} B had made its handler panic before.", finding.note);
            finding.evidence = stage.last_lines();
            Halt::Found(finding)
        }
        other => other,
    }
}
