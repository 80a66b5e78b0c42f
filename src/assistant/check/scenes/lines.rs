//! Exercise 05: one reply for each line, however its bytes arrive.

use super::framing::{Case, EARLY_TIME, EMPTY, ENDLESS, Exam, HALF, NOT_UTF8, SHORT, WINDOWS};
use super::framing::{line, longest, sends};
use super::{Scene, explained};
use crate::check::finding::{Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::What;

const REPLY: &str = "its \"-\"";

/// The longest line that is allowed.
const LONGEST: &[&[u8]] = &[&line::<5120>()];

/// A line that is complete, and longer.
const TOO_LONG: Case<'_> = sends(&[&line::<6000>()])
    .note("sent a line of {} bytes. That is more than a line may have, and the connection must be closed.")
    .look("Where a complete line is handled: a line that is too long ends the conversation, also when its newline \
           has come.");

/// The same, in letters of two bytes each.
const LONGEST_TWO_BYTE_LETTERS: &[&[u8]] = &[&two_byte_letters::<5120>()];

const fn two_byte_letters<const N: usize>() -> [u8; N] {
    let mut line = line::<N>();
    let mut at = 0;
    while at + 3 < N {
        (line[at], line[at + 1]) = ("ü".as_bytes()[0], "ü".as_bytes()[1]);
        at += 2;
    }
    line
}

const EXAM: Exam = Exam {
    due,
    hearer: None,
    look: "What becomes of the bytes behind the last newline: they begin the next line. Keep them until its \
           newline has come, put what arrives then behind them, and reply and compare only when the line is \
           complete.",
};

const COMPARE_LINES: &str = "The comparison with `--quit--`: compare each line for itself, without its \
                             newline (`trim_end`), with `==`; neither the whole input nor a part of a line. \
                             (`read_line` and `read_until` append to what stands in the line: clear it.)";

pub const ADVICE: &[(Code, &str)] = &[(
    Code::LockHeld,
    "What the threads share: one of them holds it while it waits for its client. Each thread needs its own \
     bytes only, so this exercise needs no lock.",
)];

pub const SCENES: [Scene; 6] = [
    Scene::new("lines that arrive in one piece", whole_lines),
    Scene::new("several lines in one segment", several_at_once),
    Scene::new("a line in several segments", in_pieces),
    Scene::new("one client in mid-line, another one sends", beside_half_a_line),
    Scene::new("clients that leave, in mid-line too", leaving),
    Scene::new("the longest line, and one without an end", long_lines),
];

/// One `-` for each line, and the end of the conversation for the quit word, which comes last.
fn due(stage: &mut Stage<'_>, who: char, lines: &[u8]) -> Outcome {
    let count = lines.iter().filter(|byte| **byte == b'\n').count();
    let last = lines.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    let quits = last == Some(b"--quit--");
    match count - usize::from(quits) {
        0 => {}
        1 => stage.expect(who, "-", REPLY)?,
        replies => stage.expect(who, "-".repeat(replies), "its replies")?,
    }
    if quits { stage.expect_end(who) } else { Ok(()) }
}

fn whole_lines(stage: &mut Stage<'_>) -> Outcome {
    EXAM.play(stage, 'A', &[sends(&[b"hello\n"])])?;
    let look = "What counts as a line: text that is split at its newlines has an empty part behind the last one, \
                which is not a line.";
    let note = "A sent one line and got more than one reply.";
    explained(stage.think('A', EARLY_TIME), &[Code::WrongReply], note, look)?;
    let more = "sent a line that holds more than the quit word. It is a line like any other.";
    let blanks = "sent the quit word with blanks in front of it. Only white space at the end of a line does not \
                  count.";
    let quits_with_blanks = "sent the line `--quit--` with blanks behind it. White space at the end of a line does \
                             not count, so that must end the conversation.";
    let quits = "sent the line `--quit--`. That must end the conversation.";
    let quits_as_telnet = "sent the line `--quit--` and ended it with \\r\\n, as telnet does. That must end \
                           the conversation.";
    let cases = [
        EMPTY,
        WINDOWS,
        NOT_UTF8,
        sends(&[b"x--quit--\n", b"say --quit-- to end\n", b"please --quit--\n"])
            .note(more)
            .look(COMPARE_LINES),
        sends(&[b"--quit--ter\n", b"--quit-- now\n", b"--quit\n"]).note(more).look(COMPARE_LINES),
        sends(&[b"  --quit--\n"]).note(blanks).look(COMPARE_LINES),
        sends(&[b"--quit--\n"]).note(quits).look(COMPARE_LINES),
    ];
    EXAM.play(stage, 'A', &cases)?;
    let quit = sends(&[b"--quit--\r\n"]).note(quits_as_telnet).look(COMPARE_LINES);
    EXAM.play(stage, 'B', &[sends(&[b"hello\r\n"]), quit])?;
    let quit = sends(&[b"--quit-- \t\n"]).note(quits_with_blanks).look(COMPARE_LINES);
    EXAM.play(stage, 'C', &[quit])
}

fn several_at_once(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    for lines in ["one\ntwo\n", "three\nfour\nfive\n"] {
        stage.send('A', lines)?;
        let step = due(stage, 'A', lines.as_bytes());
        step.or_else(|halt| too_few(stage, lines.matches('\n').count(), halt))?;
    }
    let last = sends(&[b"six\n--quit--\n"])
        .note("sent a line and the quit word in one segment. The line must get its `-`, and the quit word must end \
               the conversation.")
        .look("The loop around `read`: before it reads again, all lines that have arrived must be handled, the quit \
               word too. Compare each line for itself.");
    EXAM.play(stage, 'A', &[last])
}

/// A sent so many lines in one segment, and did not get its replies. Why?
fn too_few(stage: &mut Stage<'_>, lines: usize, halt: Halt) -> Outcome {
    let mut finding = stage.diagnose(halt)?;
    let sent = format!("A sent {lines} lines in one segment");
    if finding.code == Code::WrongReply {
        finding.note = format!("{sent}.");
    }
    if finding.code != Code::IncompleteReply {
        return Err(Halt::Found(finding));
    }
    let few = stage.client('A')?.take_arrived(usize::MAX).len();
    // Does half a line get a reply? Then replies go with reads, not with lines.
    stage.send('A', "half a line, without a newline")?;
    stage.wait_until_read('A')?;
    stage.note('A', What::Waiting("what comes of half a line"));
    stage.listen('A', stage.reply_patience(), |arrived| !arrived.is_empty())?;
    let got = stage.client('A')?.take_arrived(usize::MAX);
    let (note, look) = if got.is_empty() {
        (
            "The lines behind are lost.",
            "What becomes of the bytes behind the first newline. A `BufReader` reads more than one line and keeps \
             the rest: a reader that is made for each line takes the rest along when it is dropped. Make it once, \
             before the loop. With a buffer of your own: look for the next newline in it before you read again.",
        )
    } else {
        stage.note('A', What::Received(got));
        finding.code = Code::WrongReply;
        (
            "Then it sent half a line, without a newline, and got a `-` for it: the server replies once for each \
             `read`, whatever the `read` has returned.",
            "The `read` in the loop: it returns what has arrived, which may be half a line or several. Collect \
             bytes until there is a newline. Then handle every complete line (a loop, not an `if`), and keep the \
             rest.",
        )
    };
    finding.note = format!("{sent}, and got {few} `-`. {note}");
    Err(finding.look(look).into())
}

fn in_pieces(stage: &mut Stage<'_>) -> Outcome {
    EXAM.play(stage, 'A', &[HALF, sends(&[b"--qu", b"it--\n"])])?;
    let forgot = "sent the line `x--quit--` in two segments, \"x\" and \"--quit--\\n\". That is not the quit word.";
    let cases = [
        sends(&[b"x", b"--quit--\n"]).note(forgot),
        sends(&[b"one\ntwo\nth", b"ree\n"]),
        sends(&[b"--quit--\n"]),
    ];
    EXAM.play(stage, 'B', &cases)
}

fn beside_half_a_line(stage: &mut Stage<'_>) -> Outcome {
    EXAM.play(stage, 'A', &[sends(&[b"half a "])])?;
    EXAM.play(stage, 'B', &[sends(&[b"hello from B\n", b"--quit--\n"])])?;
    EXAM.play(stage, 'A', &[sends(&[b"line\n", b"--quit--\n"])])
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    EXAM.play(stage, 'A', &[sends(&[b"hello\n"])])?;
    stage.finish_sending('A')?;
    stage.expect_end_of_input('A')?;
    EXAM.end_in_mid_line(stage, 'B')?;
    EXAM.play(stage, 'C', &[sends(&[b"half a line"])])?;
    stage.close('C');
    stage.connect('D')?;
    stage.send('D', "D resets its connection\n")?;
    stage.break_off('D', REPLY)?;
    EXAM.play(stage, 'E', &[sends(&[b"hello from E\n"])])?;
    stage.must_be_idle()
}

fn long_lines(stage: &mut Stage<'_>) -> Outcome {
    let letters = longest(LONGEST_TWO_BYTE_LETTERS)
        .note("sent a line of {} bytes, its newline included: the longest line that is allowed, in letters of two \
               bytes each.")
        .look("Where the bytes of a line are collected: a byte that is made a `char` of its own (`byte as char`) \
               becomes two bytes from 128 on. Collect bytes, and count bytes.");
    EXAM.play(stage, 'A', &[longest(LONGEST), SHORT, letters])?;
    ENDLESS.ends_all(stage, 'B')?;
    TOO_LONG.ends_all(stage, 'C')?;
    EXAM.play(stage, 'A', &[sends(&[b"A is still there\n"])])?;
    stage.must_be_alive()
}
