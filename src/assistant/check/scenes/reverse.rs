//! Exercise 07: a lock that is held for a record, and a handler that panics in one.

use std::time::{Duration, Instant};

use super::{Scene, records};
use crate::assistant::check::stage::{Halt, Outcome, Stage};
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::What;
use crate::assistant::client::scripted::Heard;
use crate::assistant::process::interrupt::{self, POLL_INTERVAL};

const REPLY: &str = "its reply";

/// What the server reads at once at the most, in bytes.
const MAX_MESSAGE: usize = 1024;

/// How long a record may take that was printed before its reply.
const RECORD_TIMEOUT: Duration = Duration::from_millis(500);

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
    panic(stage, 'B')?;
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

/// A client sends the message that makes its handler panic, and leaves. A handler that catches its panic
/// may answer all the same.
pub fn panic(stage: &mut Stage<'_>, who: char) -> Outcome {
    let lines = stage.console_lines();
    let errors = stage.errors().len();
    let message = format!("PANIC says {who}");
    stage.send(who, &message)?;
    stage.note(who, What::Waiting("what comes of it"));
    let patience = stage.patience();
    let heard = stage.listen(who, patience, |arrived| !arrived.is_empty())?;
    let got = stage.arrived(who);
    match heard {
        Heard::End(_) => stage.note(who, What::Ended),
        _ if got.is_empty() => stage.nothing_came(who),
        _ => stage.note(who, What::Received(got.clone())),
    }
    stage.is_dead(who)?;
    let has_panicked = |stage: &mut Stage<'_>| {
        // Where the two streams are one, the message stands among the lines.
        let is_message = |line: &String| line.contains("panicked") || line.contains("Traceback");
        stage.errors().len() > errors || stage.console_since(lines).iter().any(is_message)
    };
    if stage.has_console() {
        let deadline = Instant::now() + RECORD_TIMEOUT;
        while !has_panicked(stage) {
            if Instant::now() > deadline || interrupt::requested() {
                stage.died(who)?;
                let how = if got.is_empty() { "" } else { ", and got a reply" };
                let note = format!("{who} sent \"{message}\"{how}. No handler panicked.");
                return Err(stage.finding(who, Code::NoPanic, note).into());
            }
            interrupt::sleep(POLL_INTERVAL);
        }
    } else if !got.is_empty() {
        let note = format!("{who} sent \"{message}\", and got a reply like any other.");
        return Err(stage.finding(who, Code::NoPanic, note).into());
    }
    stage.close(who);
    Ok(())
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
