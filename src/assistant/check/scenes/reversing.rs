//! What a client of the reverse server does: it says something and gets it back to front, or makes its
//! handler panic.

use std::cmp::Reverse;
use std::time::Duration;

use super::explained;
use super::torn::without_numbers;
use crate::check::finding::{Lack, Missed, Outcome};
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

/// A client sends the message that makes its handler panic, and leaves. What counts is what the client sees: no
/// reply, and most often the end of its connection. A handler that catches its panic may go on; one that answers as
/// always must have shown the failure on the console.
pub fn panic(stage: &mut Stage<'_>, who: char) -> Outcome {
    let before = shown_so_far(stage);
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
    let answered = got == message.chars().rev().collect::<String>().as_bytes();
    // In Rust a panic is always shown.
    let must_show = answered || stage.is_built_here();
    if must_show && !(stage.has_console() && shows_failure(stage, before)) {
        stage.died(who)?;
        let how = if answered { ", and got a reply like any other" } else { "" };
        let note = format!("{who} sent \"{message}\"{how}. No handler panicked.");
        return Err(stage.finding(who, Code::NoPanic, note).into());
    }
    if heard == Heard::Silence && got.is_empty() {
        goes_on(stage, who, &message)?;
    }
    stage.close(who);
    Ok(())
}

/// A client got no reply to its message, and is still connected: then it must get one to the next.
fn goes_on(stage: &mut Stage<'_>, who: char, message: &str) -> Outcome {
    let _ = stage.client(who)?.try_send(b"still here");
    stage.note(who, What::Waiting(REPLY));
    let heard = stage.listen(who, stage.patience(), |arrived| !arrived.is_empty())?;
    if heard != Heard::Silence {
        return Ok(());
    }
    let note = format!(
        "{who} sent \"{message}\", and got no reply, and none to its next message. Its connection stays open."
    );
    let look = "What becomes of a client whose handler has failed: its connection must be closed. What else \
                owns its socket?";
    explained(Err(Missed::new(who, Lack::End).into()), &[Code::NotClosed], &note, look)
}

/// How much the console has shown: whole lines, and bytes on standard error.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    lines: usize,
    errors: usize,
}

/// How much the console has shown so far.
pub fn shown_so_far(stage: &mut Stage<'_>) -> Shown {
    Shown { lines: stage.console_lines(), errors: stage.errors().len() }
}

/// Whether the console shows soon that a handler has failed, in the words of any language.
pub fn shows_failure(stage: &mut Stage<'_>, before: Shown) -> bool {
    let mut wait = stage.begin_wait(RECORD_TIMEOUT);
    while !has_shown_failure(stage, before) {
        if stage.is_over(&mut wait) || interrupt::requested() {
            return false;
        }
        interrupt::sleep(POLL_INTERVAL);
    }
    true
}

/// Whether there is something on standard error, where most systems put it, or a line of a kind that has not
/// been shown before.
fn has_shown_failure(stage: &mut Stage<'_>, before: Shown) -> bool {
    if stage.errors().len() > before.errors {
        return true;
    }
    // The message of a panic may be printed there, too: a `Bye` that is new says nothing.
    if stage.is_built_here() {
        return stage.console_since(before.lines).iter().any(|line| line.contains("panicked"));
    }
    let kinds = kinds_of_lines(stage);
    let (old, new) = kinds.split_at(before.lines.min(kinds.len()));
    new.iter().any(|kind| !old.contains(kind))
}

/// Whether the console shows soon, in a line of this kind, what `who` has said last, and shows no failure.
pub fn is_shown_as_always(stage: &mut Stage<'_>, before: Shown, kind: &str) -> bool {
    let mut wait = stage.begin_wait(RECORD_TIMEOUT);
    while !has_shown_failure(stage, before) {
        // A server that does nothing prints nothing more.
        if stage.is_idle() || stage.is_over(&mut wait) || interrupt::requested() {
            interrupt::sleep(POLL_INTERVAL);
            let kinds = kinds_of_lines(stage);
            let is_shown = kinds.iter().skip(before.lines).any(|line| line == kind);
            return is_shown && !has_shown_failure(stage, before);
        }
        interrupt::sleep(POLL_INTERVAL);
    }
    false
}

/// The kind of each whole line of the console: `…` stands for what a client has said, either way round, and `#` for
/// a number.
pub fn kinds_of_lines(stage: &mut Stage<'_>) -> Vec<String> {
    let said = stage.record.events().into_iter().filter_map(|event| match event.what {
        What::Sent(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    });
    let mut said: Vec<String> = said.map(|text| text.trim_end().to_owned()).collect();
    said.retain(|text| !text.is_empty());
    // One message may be a part of another.
    said.sort_unstable_by_key(|text| Reverse(text.len()));
    said.dedup();
    let whole = stage.console_lines();
    let kind = |line: &String| {
        let mut line = line.clone();
        for text in &said {
            let back: String = text.chars().rev().collect();
            line = line.replace(text, "…").replace(&back, "…");
        }
        without_numbers(&line)
    };
    stage.console_since(0).iter().take(whole).map(kind).collect()
}
