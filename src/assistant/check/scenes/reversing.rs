//! What a client of the reverse server does: it says something and gets it back to front, or makes its
//! handler panic.

use std::time::Duration;

use crate::check::finding::Outcome;
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::client::scripted::Heard;
use crate::process::interrupt::{self, POLL_INTERVAL};

pub const REPLY: &str = "its reply";

/// How long a record may take that was printed before its reply.
pub const RECORD_TIMEOUT: Duration = Duration::from_millis(500);

/// Says something and gets it back to front.
pub fn turn(stage: &mut Stage<'_>, who: char, message: &str) -> Outcome {
    stage.send(who, message)?;
    stage.expect(who, message.chars().rev().collect::<String>(), REPLY)
}

/// A client sends the message that makes its handler panic, and leaves. A handler that catches its panic
/// may answer all the same.
pub fn panic(stage: &mut Stage<'_>, who: char) -> Outcome {
    let seen = (stage.console_lines(), stage.errors().len());
    let message = format!("PANIC says {who}");
    stage.send(who, &message)?;
    stage.note(who, What::Waiting("what comes of it"));
    let heard = stage.listen(who, stage.patience(), |arrived| !arrived.is_empty())?;
    let got = stage.arrived(who);
    match heard {
        Heard::End(_) => stage.note(who, What::Ended),
        _ if got.is_empty() => stage.nothing_came(who),
        _ => stage.note(who, What::Received(got.clone())),
    }
    stage.is_dead(who)?;
    if stage.has_console() {
        if !shows_panic(stage, seen) {
            stage.died(who)?;
            let how = if got.is_empty() { "" } else { ", and got a reply" };
            let note = format!("{who} sent \"{message}\"{how}. No handler panicked.");
            return Err(stage.finding(who, Code::NoPanic, note).into());
        }
    } else if !got.is_empty() {
        let note = format!("{who} sent \"{message}\", and got a reply like any other.");
        return Err(stage.finding(who, Code::NoPanic, note).into());
    }
    stage.close(who);
    Ok(())
}

/// Whether the console shows soon that a handler has panicked, behind so many lines, and so many bytes on
/// standard error.
pub fn shows_panic(stage: &mut Stage<'_>, (lines, errors): (usize, usize)) -> bool {
    // Where the two streams are one, the message stands among the lines.
    let is_message = |line: &String| line.contains("panicked") || line.contains("Traceback");
    let mut wait = stage.begin_wait(RECORD_TIMEOUT);
    while stage.errors().len() <= errors && !stage.console_since(lines).iter().any(is_message) {
        if stage.is_over(&mut wait) || interrupt::requested() {
            return false;
        }
        interrupt::sleep(POLL_INTERVAL);
    }
    true
}
