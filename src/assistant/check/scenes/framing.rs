//! The framing exam: a line is a line, however its bytes arrive. Three exercises take it, each with its own
//! protocol.

use std::time::Duration;

use socketlab::printable;

use super::explained;
use crate::check::finding::Outcome;
use crate::check::stage::Stage;
use crate::check::verdicts::Code::{self, *};

/// How long something may take that must not come, once the server has read what was sent.
pub const EARLY_TIME: Duration = Duration::from_millis(100);

/// The verdicts that a case explains.
const CODES: &[Code] = &[WrongReply, IncompleteReply, NeverAnswered, ClosedEarly, NotClosed];

/// How an exercise takes the exam.
#[derive(Debug)]
pub struct Exam {
    /// Waits for what is due for these lines of a client's, which all have their newline.
    pub due: fn(&mut Stage<'_>, char, &[u8]) -> Outcome,
    /// Who hears it, if that is not the client that sends.
    pub hearer: Option<char>,
    /// Where to look when half a line is lost, or taken for a line.
    pub look: &'static str,
}

/// What a client sends, and what is special about that.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    segments: &'a [&'a [u8]],
    /// What is special, behind the client's name; `{}` is the number of bytes.
    note: &'static str,
    /// Where to look first, if the exam does not say it.
    look: &'static str,
}

pub const HALF: Case<'_> = sends(&[b"half a ", b"line\n"]);

pub const SEVERAL: Case<'_> = sends(&[b"one\ntwo\nthree\n"]).note(
    "sent three lines in one segment, and the server did not handle each of them, in their order.",
);

pub const EMPTY: Case<'_> = sends(&[b"\n"])
    .note("sent an empty line: a newline and nothing else. That is a line, and gets a reply.")
    .look("Where an empty line is handled: it is neither skipped nor the end of input. At the end of input there \
           is not even a newline.");

pub const WINDOWS: Case<'_> = sends(&[b"from Windows\r\n"])
    .note("sent a line that ends with \\r\\n, as telnet does. The \\r belongs to the end of the line.")
    .look("What is cut off the line before it is used: the newline, and a `\\r` in front of it.");

pub const NOT_UTF8: Case<'_> = sends(&[b"caf\xe9 \xff\xfe\n"])
    .note("sent a line with bytes that are not UTF-8. That is a line all the same.")
    .look("How the line is read: `lines`, `read_line` and `from_utf8` return an error for bytes that are not UTF-8. \
           Read bytes (`read`, `read_until`), and turn them into text with `String::from_utf8_lossy`.");

pub const MID_LINE: Case<'_> = sends(&[b"half a line"])
    .note("ended its input in mid-line. The line was never complete, so it does not count.")
    .look("What is done with the last bytes at the end of input: `lines`, `split`, `read_line` and `read_until` return \
           them too, as a line without a newline. Look whether the newline is there.");

pub const SHORT: Case<'_> = sends(&[b"and a short one\n"])
    .note("sent a short line behind the longest. The limit is for each line, not for the conversation.")
    .look("Where the length of a line is limited: `take` in front of the loop counts all lines together. It must be \
           set anew for each line.");

pub const ENDLESS: Case<'_> = sends(&[&[b'x'; 64 * 1024]])
    .note("sent {} bytes without a newline. None of that is a line, and the connection must be closed: a server that \
           goes on collecting lets one client fill its memory.")
    .look("Where the bytes of a line are collected: end the conversation once there are as many as the longest line \
           has, and no newline. For a reader, `take` sets that limit; set it anew for each line.");

/// The longest line that is allowed.
pub const fn longest<'a>(line: &'a [&'a [u8]]) -> Case<'a> {
    sends(line)
        .note("sent a line of {} bytes, its newline included: the longest line that is allowed.")
        .look("Where the length of a line is limited: the newline counts, and one `read` need not return all of it.")
}

/// A line of so many bytes, its newline included.
pub const fn line<const N: usize>() -> [u8; N] {
    let mut line = [b'y'; N];
    (line[N - 2], line[N - 1]) = (b'z', b'\n');
    line
}

/// A client sends these segments.
pub const fn sends<'a>(segments: &'a [&'a [u8]]) -> Case<'a> {
    Case { segments, note: "", look: "" }
}

impl Case<'_> {
    /// The same, with what is special about it.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// The same, with where to look first.
    pub const fn look(self, look: &'static str) -> Self {
        Self { look, ..self }
    }

    /// Says of a step of `who` that went wrong what is special about this case.
    pub fn explain(&self, step: Outcome, codes: &'static [Code], who: char) -> Outcome {
        let length = self.segments.concat().len().to_string();
        explained(step, codes, &format!("{who} {}", self.note.replace("{}", &length)), self.look)
    }

    /// A client connects and sends this, for which the server must close its connection.
    pub fn ends_all(&self, stage: &mut Stage<'_>, who: char) -> Outcome {
        connects(stage, who)?;
        // It may have done so before all is sent.
        let _ = stage.send(who, self.segments.concat());
        self.explain(stage.expect_end(who), CODES, who)
    }
}

/// A client connects if it has not yet.
fn connects(stage: &mut Stage<'_>, who: char) -> Outcome {
    if stage.connected().contains(&who) { Ok(()) } else { stage.connect(who) }
}

impl Exam {
    /// A client connects if it has not yet, and goes through these cases.
    pub fn play(&self, stage: &mut Stage<'_>, who: char, cases: &[Case<'_>]) -> Outcome {
        connects(stage, who)?;
        cases.iter().try_for_each(|case| self.play_one(stage, who, case))
    }

    fn play_one(&self, stage: &mut Stage<'_>, who: char, case: &Case<'_>) -> Outcome {
        let case = if case.look.is_empty() { case.look(self.look) } else { *case };
        let (mut sent, mut half) = (Vec::new(), Vec::new());
        for segment in case.segments {
            stage.send(who, segment)?;
            sent.push(format!("\"{}\"", printable(segment)));
            let why = format!(
                "{who} sent {}. Only a newline ends a line, not the end of a segment.",
                sent.join(" and then ")
            );
            let was_half = !half.is_empty();
            half.extend_from_slice(segment);
            let end = half.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let lines: Vec<u8> = half.drain(..end).collect();
            if !lines.is_empty() {
                let step = (self.due)(stage, who, &lines);
                match case.note {
                    "" if !was_half && half.is_empty() => step?,
                    "" => explained(step, CODES, &why, self.look)?,
                    _ => case.explain(step, CODES, who)?,
                }
            }
            if !half.is_empty() {
                stage.wait_until_read(who)?;
                let step = stage.wait_for_turn(self.hearer.unwrap_or(who), EARLY_TIME);
                explained(step, &[WrongReply], &why, self.look)?;
            }
        }
        Ok(())
    }

    /// A client connects if it has not yet, and ends its input in mid-line.
    pub fn end_in_mid_line(&self, stage: &mut Stage<'_>, who: char) -> Outcome {
        self.play(stage, who, &[MID_LINE])?;
        stage.finish_sending(who)?;
        MID_LINE.explain(stage.expect_end_of_input(who), &[WrongReply], who)
    }
}
