//! What a client of the reverse server does: it says something and gets it back to front, or makes its
//! handler panic.

use std::time::Duration;

use crate::assistant::check::finding::Halt;
use crate::assistant::check::stage::Stage;
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::What;
use crate::assistant::client::scripted::Heard;
use crate::assistant::process::interrupt::{self, POLL_INTERVAL};

pub const REPLY: &str = "its reply";

/// How long a record may take that was printed before its reply.
pub const RECORD_TIMEOUT: Duration = Duration::from_millis(500);

/// Says something and gets it back to front.
pub fn turn(stage: &mut Stage<'_>, who: char, message: &str) -> Result<(), Halt> {
    stage.send(who, message)?;
    stage.expect(who, message.chars().rev().collect::<String>(), REPLY)
}

/// A client sends the message that makes its handler panic, and leaves. A handler that catches its panic
/// may answer all the same.
pub fn panic(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
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
        let mut wait = stage.begin_wait(RECORD_TIMEOUT);
        while !has_panicked(stage) {
            if stage.is_over(&mut wait) || interrupt::requested() {
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
