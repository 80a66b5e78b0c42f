//! Exercise 10: what one guest says goes to all others, and no guest makes the others wait.

use std::io::{self, Write};
use std::mem;
use std::net::TcpStream;
use std::str;
use std::time::{Duration, Instant};

use super::framing::{EARLY_TIME, ENDLESS, Exam, HALF, MID_LINE, NOT_UTF8, SEVERAL, WINDOWS};
use super::framing::{line, longest, sends};
use super::{Scene, advised, explained};
use crate::check::finding::{Finding, Lack, Meanwhile, Missed, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::client::scripted::Heard;
use crate::draw::figures::figure;
use crate::process::program::escaped;
use crate::threads::busy::Effort;

const GREETING: &str = "its number";
const ARRIVAL: &str = "the arrival";
const LINE: &str = "the line";
const DEPARTURE: &str = "the departure";

/// The longest line that is allowed, with its newline.
const MAX_LINE: usize = 1024;

const LONGEST: &[&[u8]] = &[&line::<MAX_LINE>()];

/// How many guests speak at once, how many lines each sends at a time, and how often. The lines of one
/// time fit an outbox of 100.
const SPEAKERS: [char; 4] = ['A', 'B', 'C', 'D'];
const AT_A_TIME: usize = 4;
const TIMES: usize = 25;

/// How many bytes are told to a guest that reads nothing, before it must have lost its place. An outbox of 100
/// lines keeps a tenth of a million, and the systems' own buffers about four million, ten at the most
/// (tcp(7)). On Linux, where the guest has small segments, they keep half a million.
const TOLD: usize = if cfg!(target_os = "linux") { 4_000_000 } else { 12_000_000 };

/// The guests that say this beside it, and how many of these lines each says at a time. All of them fit an
/// outbox of 100.
const BESIDE: [char; 4] = ['B', 'C', 'D', 'E'];
const LONG_AT_A_TIME: usize = 12;

/// How long these guests may hear nothing of each other because another one does not read. A server that
/// writes a line in two calls needs 40 ms. Where the system does not say how long it waited for a
/// processor, it gets more.
const LONGEST_GAP: Duration = Duration::from_millis(150);
const LONGEST_GAP_UNSEEN: Duration = Duration::from_millis(500);

/// How many lines one guest says at once, to guests that read.
const FLOOD_LINES: usize = 300;

/// How many guests come and leave, and how many threads may be left of them.
const PASSERS_BY: usize = 16;
const THREADS_LEFT: usize = 5;

const TELL_ALL: &str = "Where the others are told: in a loop over all who are in the room, without the one \
                        whose line it is. Is each guest put into the room, and with its own socket or \
                        outbox?";

const GREETED: &str = "The line `You are Guest-N.`: is it written, or put into the outbox? A line in an outbox is \
                       sent only if a thread takes it out (`for line in lines`) and writes it.";

const SILENT_GUEST: &str = "The `read` of a guest that says nothing: it must wait. `set_nonblocking` holds for reading \
                            and for writing, and for every handle of the socket. A timeout for reading holds \
                            for every handle, too.";

const KEEPS_UP: &str = "The size of the outbox: 100 lines that wait at one moment. A guest that reads may be a few lines behind, because \
                        its writer must first be given a processor.";

const WHOLE_LINES: &str = "How a line is read: `read` returns what has arrived, which may be half a line or \
                           several. `read_until` with `b'\\n'` collects one line; the reader must be made \
                           once for each guest, because it keeps the bytes that it has read behind the newline.";

const EXAM: Exam = Exam { due: told, hearer: Some('A'), look: WHOLE_LINES };

const ONE_WRITE: &str = "The calls that write to a guest: a line, its name and its newline are one text \
                         (`format!`) and one `write_all`. And if two threads can write to the same guest, \
                         put all lines for it into one outbox, which one thread empties.";

const LEAVING: &str = "What stands behind the loop that reads, for each way in which the loop can end (`bye`, \
                       the end of input, an error, which `?` returns): the guest is taken out of the room, \
                       and the others are told, once.";

const OWNERS: &str = "Who owns the guest's socket: the room, its reader, its writer? The connection is closed \
                      when the last of them is dropped, or at once by `shutdown(Shutdown::Both)`.";

const NO_WAIT: &str = "Which thread stands in `write`, and who else needs it or its lock? While the room is locked, \
                       no call may wait for a client. `write_all` does, and `send` into a full `sync_channel` \
                       does too. Put the line into an outbox with `try_send`, and let a thread for each guest \
                       empty it.";

const NO_TIMEOUT: &str = "What is called while the room is locked: no call there may wait for a client, not even \
                          for a moment. `write_all` waits until its timeout, and a loop with `sleep` waits too. \
                          `try_send` into the guest's outbox does not: when it is full, the guest loses its place.";

const NOT_THE_SPEAKER: &str = "What is done with the error of `try_send`: it is about the guest that is told, and not \
                               about the one that speaks. `?` and `return` end the wrong one. And does one full \
                               outbox end the loop that tells the others?";

const NO_UNWRAP: &str = "What is done when `try_send` returns an error: `unwrap` and `expect` panic, and end the \
                         thread of the guest that speaks. The guest that is told leaves the room.";

const PACE: &str = "The starter's `thread::sleep(PACE)` after each line: is it still there? Without it, lines come \
                    in faster than a writer can take them out.";

const THREADS: &str = "The thread that empties an outbox: it ends when its write fails, or when every sending end of \
                       the outbox has been dropped. Is there another one somewhere, a `clone`? A thread that waits \
                       in another way must be woken when its guest has left.";

const FULL: &str = "What is done when `try_send` returns an error: the outbox is full, or its writer has ended. \
                    The guest leaves the room, and its connection is closed (`shutdown(Shutdown::Both)`), which \
                    also wakes the threads that wait for it.";

// The numbers of the guests count from the start of the server.
pub const SCENES: [Scene; 6] = [
    Scene::new("guests come, speak and leave", come_and_go).with_console(),
    Scene::new("lines, however their bytes arrive", lines).with_console(),
    Scene::new("a guest that resets its connection", reset).with_console(),
    Scene::new("lines of many guests at once", at_once).with_console(),
    Scene::new("one guest that says very much", flood).with_console(),
    Scene::new("a guest that never reads", deaf).with_console(),
];

/// A guest comes and is told its number, and the others are told too.
fn enters(stage: &mut Stage<'_>, who: char, number: usize) -> Outcome {
    let others = stage.connected();
    stage.connect(who)?;
    is_told_of(stage, who, number, &others)
}

/// A guest that has come is told its number, and these others are told of it.
fn is_told_of(stage: &mut Stage<'_>, who: char, number: usize, others: &[char]) -> Outcome {
    let step = hears(stage, who, format!("You are Guest-{number}.\n"), GREETING);
    let note = format!("{who} came, and was not told its number.");
    explained(step, &[Code::NeverAnswered], &note, GREETED)?;
    for &other in others {
        let step = hears(stage, other, format!("Guest-{number} has come.\n"), ARRIVAL);
        let note = format!("{who} came, and {other}, who was in the room, was not told.");
        explained(step, &[Code::NeverAnswered], &note, TELL_ALL)?;
    }
    Ok(())
}

/// A guest says something, and these others hear it.
fn says(stage: &mut Stage<'_>, who: char, number: usize, text: &str, others: &[char]) -> Outcome {
    stage.send(who, format!("{text}\n"))?;
    for &other in others {
        let step = hears(stage, other, format!("Guest-{number}: {text}\n"), LINE);
        let note =
            format!("{who} said \"{text}\", and {other}, who was in the room, did not hear it.");
        explained(step, &[Code::NeverAnswered], &note, TELL_ALL)?;
    }
    Ok(())
}

/// These guests are told that another one has left.
fn told_of_leaving(stage: &mut Stage<'_>, number: usize, how: &str, others: &[char]) -> Outcome {
    for &other in others {
        let step = hears(stage, other, format!("Guest-{number} has left.\n"), DEPARTURE);
        let note = format!("Guest-{number} {how}, and {other} was not told that it has left.");
        explained(step, &[Code::NeverAnswered, Code::ClosedEarly], &note, LEAVING)?;
    }
    Ok(())
}

/// A guest hears nothing, until the server has nothing left to do.
fn hears_nothing(stage: &mut Stage<'_>, who: char, note: &str, look: &'static str) -> Outcome {
    stage.wait_until_read(who)?;
    let step = stage.wait_for_turn(who, EARLY_TIME);
    heard_nothing(step, who, note, look)
}

/// What comes of it when a guest was to hear nothing.
fn heard_nothing(step: Outcome, who: char, note: &str, look: &'static str) -> Outcome {
    let step = explained(step, &[Code::WrongReply], note, look);
    let note = format!(
        "The server closed {who}'s connection while {who} said nothing. A guest may be silent."
    );
    explained(step, &[Code::ClosedEarly], &note, SILENT_GUEST)
}

/// A guest waits for this line.
fn hears(stage: &mut Stage<'_>, who: char, line: String, name: &'static str) -> Outcome {
    stage.note(who, What::Waiting(name));
    match stage.hear(who, line.as_bytes(), stage.reply_patience())? {
        Reply::Silent => silent(who, line.as_bytes(), name),
        reply => stage.judge(reply, who, line.as_bytes(), name),
    }
}

/// A guest does not get what it waits for. That others have left may come meanwhile.
fn silent(who: char, wanted: &[u8], name: &'static str) -> Outcome {
    static ROOM: Meanwhile = Meanwhile {
        may_come: |bytes| bytes.ends_with(b" has left.\n"),
        nudge: b"who has the lock?\n",
    };
    let lack = Lack::Reply { wanted: wanted.to_vec(), name, meanwhile: Some(&ROOM) };
    let look = "Every `lock()` of the room: is a guard still alive when a function is called that locks the room \
                as well? A guard lives to the end of its block. And a guest that `retain` removes is dropped \
                there, under the lock: its `Drop` may not lock.";
    advised(Err(Missed::new(who, lack).into()), &[Code::SelfDeadlock], look)
}

fn come_and_go(stage: &mut Stage<'_>) -> Outcome {
    let to_itself =
        "A said something, and the server sent A its own line. A line goes to all others.";
    enters(stage, 'A', 1)?;
    // All the time, once: a `read` may have a timeout, which the system does not show.
    let step = stage.think('A', EARLY_TIME);
    heard_nothing(step, 'A', "A came, and was told more than its number.", TELL_ALL)?;
    enters(stage, 'B', 2)?;
    says(stage, 'A', 1, "hello", &['B'])?;
    hears_nothing(stage, 'A', to_itself, TELL_ALL)?;
    says(stage, 'B', 2, "grüße, 你好", &['A'])?;
    enters(stage, 'C', 3)?;
    says(stage, 'C', 3, "hello from C", &['A', 'B'])?;
    says(stage, 'A', 1, "hello C", &['B', 'C'])?;
    stage.send('B', "bye\n")?;
    let note = "B said `bye`, and its connection was not closed.";
    explained(stage.expect_end('B'), &[Code::NotClosed, Code::WrongReply], note, OWNERS)?;
    told_of_leaving(stage, 2, "said `bye`", &['A', 'C'])?;
    says(stage, 'C', 3, "B has left", &['A'])?;
    stage.finish_sending('C')?;
    let note = "C ended its input, and its connection was not closed.";
    explained(stage.expect_end_of_input('C'), &[Code::NotClosed], note, OWNERS)?;
    told_of_leaving(stage, 3, "ended its input", &['A'])?;
    enters(stage, 'D', 4)?;
    stage.close('D');
    told_of_leaving(stage, 4, "closed its connection", &['A'])?;
    stage.send('A', "who is there?\n")?;
    hears_nothing(stage, 'A', to_itself, TELL_ALL)?;
    enters(stage, 'E', 5)?;
    says(stage, 'E', 5, "I am", &['A'])?;
    stage.must_be_idle()?;
    pass_by(stage)
}

/// Many guests come and leave, one after the other. Their threads must not stay.
fn pass_by(stage: &mut Stage<'_>) -> Outcome {
    let Some(before) = stage.threads() else { return Ok(()) };
    let room = stage.connected();
    for number in 6..6 + PASSERS_BY {
        enters(stage, 'F', number)?;
        stage.send('F', "bye\n")?;
        stage.expect_end('F')?;
        for &other in &room {
            hears(stage, other, format!("Guest-{number} has left.\n"), DEPARTURE)?;
        }
    }
    stage.wait_until_few_threads(before + THREADS_LEFT)?;
    let left = stage.threads().unwrap_or(0).saturating_sub(before);
    if left <= THREADS_LEFT {
        return Ok(());
    }
    let note = format!(
        "{PASSERS_BY} guests came and left, and the server has {left} threads more than before. Both \
         threads of a guest must end when it leaves: they own its socket."
    );
    Err(stage.finding('A', Code::NotClosed, note).look(THREADS).at(None).into())
}

fn lines(stage: &mut Stage<'_>) -> Outcome {
    let room = &['A', 'B'];
    enters(stage, 'A', 1)?;
    enters(stage, 'B', 2)?;
    let cases = [
        HALF,
        SEVERAL,
        WINDOWS,
        sends(&[b"\n\r\nnot empty\n"])
            .note("sent two empty lines, with which nothing is said, and then a third line."),
        sends(&[b"goodbye\n", b"bye now\n"])
            .note("sent a line that holds more than `bye`. Only the line `bye` leaves."),
        longest(LONGEST),
        NOT_UTF8,
        sends(&[b"\x1b[2J\x07 gone\n"])
            .note("sent a line with control characters, which clear a screen. A's terminal would obey them: what a \
                   guest says is shown escaped.")
            .look("What is told to the others: the starter's `printable(text)`, never the bytes."),
    ];
    EXAM.play(stage, 'B', &cases)?;
    enters(stage, 'C', 3)?;
    ENDLESS.ends_all(stage, 'C')?;
    let step = told_of_leaving(stage, 3, "sent a line that is too long", room);
    ENDLESS.explain(step, &[Code::WrongReply], 'C')?;
    enters(stage, 'D', 4)?;
    EXAM.end_in_mid_line(stage, 'D')?;
    let step = told_of_leaving(stage, 4, "ended its input in mid-line", room);
    MID_LINE.explain(step, &[Code::WrongReply], 'D')?;
    enters(stage, 'E', 5)?;
    EXAM.play(stage, 'E', &[sends(&[b"bye\r\n"])])?;
    told_of_leaving(stage, 5, "said `bye`, with \\r\\n", room)?;
    stage.must_be_idle()
}

/// A hears what B says. Who says `bye` loses its connection.
fn told(stage: &mut Stage<'_>, who: char, lines: &[u8]) -> Outcome {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match str::from_utf8(line.trim_ascii_end()) {
            Ok("") => {}
            Ok("bye") => stage.expect_end(who)?,
            Ok(text) if !text.contains(char::is_control) => {
                hears(stage, 'A', format!("Guest-2: {text}\n"), LINE)?;
            }
            _ => shown_safely(stage)?,
        }
    }
    Ok(())
}

/// A hears some line of B's, in which nothing is left that a terminal obeys.
fn shown_safely(stage: &mut Stage<'_>) -> Outcome {
    hears(stage, 'A', "Guest-2: ".to_owned(), LINE)?;
    stage.listen('A', stage.reply_patience(), |arrived| arrived.contains(&b'\n'))?;
    let got = stage.client('A')?.take_arrived(usize::MAX);
    let text = String::from_utf8_lossy(&got).into_owned();
    stage.note('A', What::Received(got));
    match text.strip_suffix('\n') {
        Some(text) if !text.contains(char::is_control) => Ok(()),
        _ => Err(stage.finding('A', Code::WrongReply, "").into()),
    }
}

fn reset(stage: &mut Stage<'_>) -> Outcome {
    enters(stage, 'A', 1)?;
    enters(stage, 'B', 2)?;
    enters(stage, 'C', 3)?;
    says(stage, 'A', 1, "C does not read this", &['B'])?;
    stage.break_off('C', LINE)?;
    told_of_leaving(stage, 3, "reset its connection", &['A', 'B'])?;
    for number in 1..=4 {
        says(stage, 'A', 1, &format!("{number} after the reset"), &['B'])?;
        says(stage, 'B', 2, &format!("{number} as well"), &['A'])?;
    }
    let twice = "C has left, and A was told more than that once.";
    hears_nothing(stage, 'A', twice, LEAVING)?;
    enters(stage, 'D', 4)?;
    says(stage, 'D', 4, "hello", &['A', 'B'])?;
    stage.must_be_idle()
}

/// What a guest says next.
struct Speech {
    text: Vec<u8>,
    /// How many of its bytes have been sent.
    sent: usize,
}

impl Speech {
    /// A guest that has no whole line to hear sends one byte more of what it is going to say. That carries
    /// the acknowledgement of what it has heard, which Linux holds back for 40 ms otherwise, and the
    /// server's next line with it (RFC 896).
    fn begin_if_waiting(&mut self, stage: &mut Stage<'_>, who: char) -> Outcome {
        let is_line_left = self.text.get(self.sent).is_some_and(|byte| *byte != b'\n');
        if is_line_left && !stage.arrived(who).contains(&b'\n') {
            let mut stream = stage.stream(who)?;
            // If that fails, the guest has lost its place, and hears so.
            let _ = stream.set_nodelay(true);
            self.sent += stream.write(&self.text[self.sent..=self.sent]).unwrap_or_default();
        }
        Ok(())
    }

    /// Sends the rest.
    fn finish(self, stream: &mut TcpStream) -> io::Result<()> {
        stream.write_all(&self.text[self.sent..])
    }
}

fn at_once(stage: &mut Stage<'_>) -> Outcome {
    for (number, who) in (1..).zip(SPEAKERS) {
        enters(stage, who, number)?;
    }
    let told = format!("sent {AT_A_TIME} lines by each of four guests at once, {TIMES} times");
    stage.note(CONSOLE, What::Server(told));
    let line = |number: usize, time: usize, index: usize| {
        format!("line {time}.{index} of {}", "-".repeat(40 * number))
    };
    let speech = |number: usize, time: usize| {
        let lines = (1..=AT_A_TIME).map(|index| line(number, time, index) + "\n");
        Speech { text: lines.collect::<String>().into_bytes(), sent: 0 }
    };
    let mut next = [1, 2, 3, 4].map(|number| speech(number, 1));
    for time in 1..=TIMES {
        for (number, who) in (1..).zip(SPEAKERS) {
            let now = mem::replace(&mut next[number - 1], speech(number, time + 1));
            if now.finish(&mut stage.stream(who)?).is_err() {
                return Err(stage.ended(who, "sent its lines", b""));
            }
        }
        for (own, who) in (1..).zip(SPEAKERS) {
            let others = (1..=SPEAKERS.len()).filter(|number| *number != own);
            let due = others.flat_map(|number| {
                (1..=AT_A_TIME)
                    .map(move |index| format!("Guest-{number}: {}", line(number, time, index)))
            });
            hears_all(stage, who, due.collect(), &mut next[own - 1])?;
        }
    }
    stage.must_be_alive()
}

/// A guest hears these lines, in the order of each speaker.
fn hears_all(stage: &mut Stage<'_>, who: char, mut due: Vec<String>, next: &mut Speech) -> Outcome {
    while let Some(first) = due.first().cloned() {
        next.begin_if_waiting(stage, who)?;
        let heard = hears_a_line(stage, who)?;
        if heard != Heard::Enough {
            stage.note(who, What::Waiting(LINE));
            return match heard {
                Heard::End(_) => explained(
                    Err(stage.ended(who, "all lines", b"")),
                    &[Code::ClosedEarly],
                    &format!(
                        "{who} reads everything, and lost its place. No more than 12 lines were waiting for it."
                    ),
                    KEEPS_UP,
                ),
                _ => silent(who, first.as_bytes(), LINE),
            };
        }
        let got = next_line(stage, who)?;
        let text = String::from_utf8_lossy(&got).into_owned();
        let Some(place) = due.iter().position(|due| text.strip_suffix('\n') == Some(due)) else {
            stage.note(who, What::Waiting(LINE));
            let note = format!(
                "Four guests spoke at the same time, and {who} was told a line that no guest had said, or \
                 one line twice."
            );
            let finding = stage.finding(who, Code::WrongReply, note);
            stage.note(who, What::Received(got));
            return Err(finding.look(ONE_WRITE).into());
        };
        due.remove(place);
    }
    Ok(())
}

/// A guest listens until it has a line.
fn hears_a_line(stage: &mut Stage<'_>, who: char) -> Outcome<Heard> {
    stage.listen(who, stage.reply_patience(), |arrived| arrived.contains(&b'\n'))
}

/// Takes one line of what has arrived for a client, and does not write it down.
fn next_line(stage: &mut Stage<'_>, who: char) -> Outcome<Vec<u8>> {
    let client = stage.client(who)?;
    let length = client.arrived().iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok(client.take_arrived(length))
}

/// One guest says more than an outbox holds, at once. The others read, and must keep their places.
fn flood(stage: &mut Stage<'_>) -> Outcome {
    for (number, who) in (1..).zip(SPEAKERS) {
        enters(stage, who, number)?;
    }
    let told = format!("sent {FLOOD_LINES} lines by A at once, while all others read");
    stage.note(CONSOLE, What::Server(told));
    let lines: String = (1..=FLOOD_LINES).map(|index| format!("{index}\n")).collect();
    if stage.stream('A')?.write_all(lines.as_bytes()).is_err() {
        return Err(stage.ended('A', "sent its lines", b""));
    }
    let last = format!("Guest-1: {FLOOD_LINES}\n");
    for who in &SPEAKERS[1..] {
        let heard = loop {
            match hears_a_line(stage, *who)? {
                Heard::Enough if next_line(stage, *who)? == last.as_bytes() => break Heard::Enough,
                Heard::Enough => {}
                other => break other,
            }
        };
        match heard {
            Heard::Enough => {}
            Heard::End(_) => {
                stage.note(*who, What::Ended);
                let note = format!(
                    "A said {FLOOD_LINES} lines at once. {who} reads everything, and lost its place."
                );
                // One lost place can be the work of a busy machine.
                stage.is_dead(*who)?;
                let finding = stage.finding(*who, Code::ClosedEarly, note);
                return Err(finding.look(PACE).on_speed().into());
            }
            Heard::Silence => {
                stage.note(*who, What::Waiting(LINE));
                return silent(*who, last.as_bytes(), LINE);
            }
        }
    }
    stage.must_be_alive()
}

fn deaf(stage: &mut Stage<'_>) -> Outcome {
    stage.connect_deaf('A')?;
    is_told_of(stage, 'A', 1, &[])?;
    for (number, who) in (2..).zip(BESIDE) {
        enters(stage, who, number)?;
    }
    let what = "sent many long lines by all other guests, while A reads nothing";
    stage.note(CONSOLE, What::Server(what.to_owned()));
    let long = LONGEST.concat();
    let text = &long[..];
    let long = text.repeat(LONG_AT_A_TIME);
    let speech = || Speech { text: long.clone(), sent: 0 };
    let mut next = BESIDE.map(|_| speech());
    // What each of them has heard from the others, A was told as well, and once only.
    let hearers = BESIDE.len() - 1;
    let (mut bytes, mut told) = (0, Vec::new());
    while told.len() < BESIDE.len() && bytes / hearers < TOLD {
        for (speaker, next) in BESIDE.into_iter().zip(&mut next) {
            if mem::replace(next, speech()).finish(&mut stage.stream(speaker)?).is_err() {
                return Err(lost_its_place(stage, speaker, speaker)?.into());
            }
        }
        for (hearer, next) in BESIDE.into_iter().zip(&mut next) {
            let before = stage.effort();
            let mut due = LONG_AT_A_TIME * hearers;
            while due > 0 {
                let start = Instant::now();
                next.begin_if_waiting(stage, hearer)?;
                match hears_a_line(stage, hearer)? {
                    Heard::Enough => {}
                    Heard::End(_) => return Err(lost_its_place(stage, hearer, hearer)?.into()),
                    Heard::Silence => return stalled(stage, hearer),
                }
                must_be_prompt(stage, hearer, start.elapsed(), before)?;
                let got = next_line(stage, hearer)?;
                if got.starts_with(b"Guest-1 has left.") {
                    stage.note(hearer, What::Received(got));
                    if told.contains(&hearer) {
                        return Err(told_twice(stage, hearer).into());
                    }
                    told.push(hearer);
                } else if got.ends_with(b" has left.\n") {
                    let number = (2..)
                        .zip(BESIDE)
                        .find(|(number, _)| got.starts_with(format!("Guest-{number} ").as_bytes()));
                    stage.note(hearer, What::Received(got));
                    let speaker = number.map_or(hearer, |(_, speaker)| speaker);
                    return Err(lost_its_place(stage, speaker, hearer)?.into());
                } else if got.ends_with(text) {
                    bytes += got.len();
                    due -= 1;
                } else {
                    stage.note(hearer, What::Received(got));
                    let note = format!("{hearer} was told a line that no guest had said.");
                    return Err(stage
                        .finding(hearer, Code::WrongReply, note)
                        .look(ONE_WRITE)
                        .into());
                }
            }
        }
    }
    if told.len() < BESIDE.len() {
        return Err(never_left(stage, bytes / hearers)?.into());
    }
    let open = "A read nothing, and lost its place: the others were told that it has left. But its \
                connection stays open";
    if stage.stays_open('A')? {
        stage.note('A', What::Thinking);
        let note =
            format!("{open} until A reads. A guest that cannot be told must lose its connection.");
        let finding = stage.finding('A', Code::NotClosed, note);
        return Err(finding.look(FULL).into());
    }
    // What it was sent before is still on its way; then comes the end.
    stage.note('A', What::WaitingForEnd);
    if stage.listen('A', stage.patience(), |_| false)? == Heard::Silence {
        let finding = stage.finding('A', Code::NotClosed, format!("{open}."));
        return Err(finding.look(FULL).into());
    }
    stage.note('A', What::Ended);
    stage.close('A');
    let mut time = stage.time_to_listen(BESIDE[0], EARLY_TIME);
    for who in BESIDE {
        stage.listen(who, time, |arrived| !arrived.is_empty())?;
        time = PEEK_TIME;
        if stage.arrived(who).starts_with(b"Guest-1 has left.") {
            return Err(told_twice(stage, who).into());
        }
    }
    enters(stage, 'F', 6)?;
    says(stage, 'F', 6, "who is there?", &BESIDE)?;
    stage.must_be_alive()
}

/// A reads nothing, and what others say must come all the same, without a pause.
fn must_be_prompt(
    stage: &mut Stage<'_>,
    who: char,
    gap: Duration,
    before: Option<Effort>,
) -> Outcome {
    if gap < LONGEST_GAP {
        return Ok(());
    }
    let delayed = before.and_then(|before| Some(stage.effort()?.delayed_since(before)));
    let longest = delayed.map_or(LONGEST_GAP_UNSEEN, |delayed| LONGEST_GAP + delayed);
    if gap < longest {
        return Ok(());
    }
    stage.note(who, What::StillWaiting(gap));
    Err(slow(stage, who, gap).into())
}

/// A reads nothing, and this guest heard nothing for so long, and then went on.
fn slow(stage: &mut Stage<'_>, who: char, gap: Duration) -> Finding {
    let note = format!(
        "A reads nothing. For {}, {who} was told nothing, although another guest was speaking; then the \
         server went on by itself. No other guest may wait for A, not even for a while.",
        figure(gap)
    );
    stage.finding(who, Code::Stalled, note).look(NO_TIMEOUT).on_speed()
}

/// A reads nothing, and `speaker` has lost its place, which `who` has noticed.
fn lost_its_place(stage: &mut Stage<'_>, speaker: char, who: char) -> Outcome<Finding> {
    stage.note(speaker, What::Ended);
    stage.died(who)?;
    let note = format!("{speaker} spoke while A's outbox was full, and {speaker} lost its place.");
    Ok(stage.finding(speaker, Code::ClosedEarly, note).look(NOT_THE_SPEAKER))
}

/// What the server has printed of a panic, if there was one: the place, and the message.
fn panic_on_console(stage: &mut Stage<'_>) -> Vec<String> {
    let (errors, console) = (stage.errors(), stage.console_since(0));
    // Where the two streams are one, the message stands among the lines.
    let lines = errors.lines().chain(console.iter().map(String::as_str));
    let panic = lines.skip_while(|line| !line.contains(" panicked at "));
    panic.take(2).map(escaped).collect()
}

/// A has lost its place, and this guest was told so again.
fn told_twice(stage: &mut Stage<'_>, who: char) -> Finding {
    let note = format!("A lost its place, and {who} was told twice that it has left.");
    stage.finding(who, Code::WrongReply, note).look(LEAVING)
}

/// A reads nothing, and `who` does not hear what another guest says. Is A the reason?
fn stalled(stage: &mut Stage<'_>, who: char) -> Outcome {
    // What it says itself shows where its own thread stands.
    stage.send(who, "is this still a room?\n")?;
    stage.note(who, What::Waiting(LINE));
    let (start, patience) = (Instant::now(), stage.reply_patience());
    let heard = stage.listen(who, patience, |arrived| arrived.contains(&b'\n'))?;
    stage.nothing_came(who);
    if heard == Heard::Enough {
        return Err(slow(stage, who, patience + start.elapsed()).into());
    }
    let finding = stage.finding(who, Code::Stalled, "");
    stage.is_dead(who)?;
    let evidence = panic_on_console(stage);
    if !evidence.is_empty() {
        let note =
            "A reads nothing. When A's outbox was full, a thread of the server panicked, and what \
                    its guest says is not sent on any more."
                .to_owned();
        let finding = Finding { code: Code::Poisoned, note, evidence, ..finding };
        return Err(finding.look(NO_UNWRAP).into());
    }
    for speaker in BESIDE {
        if let Heard::End(_) = stage.listen(speaker, PEEK_TIME, |_| false)? {
            return Err(lost_its_place(stage, speaker, who)?.into());
        }
    }
    stage.close('A');
    let heard = stage.listen(who, stage.patience(), |arrived| arrived.contains(&b'\n'))?;
    if heard != Heard::Enough {
        return silent(who, b"Guest-", LINE);
    }
    let got = next_line(stage, who)?;
    stage.note(who, What::Received(got));
    let note = format!(
        "A reads nothing. {who} was told nothing more, although another guest was speaking, until the \
         checker closed A's connection."
    );
    Err(Finding { note, ..finding }.look(NO_WAIT).into())
}

/// A has read nothing of all that was told to it, and still has its place. What has become of it?
fn never_left(stage: &mut Stage<'_>, told: usize) -> Outcome<Finding> {
    stage.note('A', What::Waiting("all that was told to it"));
    let most = told / 10 * 9;
    let heard = stage.listen('A', stage.patience(), |arrived| arrived.len() >= most)?;
    let got = stage.arrived('A').len();
    let megabytes = |bytes: usize| format!("{} million bytes", bytes / 1_000_000);
    let told = megabytes(told);
    Ok(match heard {
        Heard::Enough => {
            let note = format!(
                "A read nothing while {told} were told to it. Then it began to read, and got all of it: the \
                 server had kept everything in its memory. That grows for as long as A does not read."
            );
            let look = "The outbox: `channel()` and `Vec` grow without a limit. `sync_channel(100)` holds \
                        100 lines, and `try_send` returns an error when it is full.";
            stage.finding('A', Code::Unbounded, note).look(look)
        }
        _ => {
            let got = megabytes(got);
            let note = format!(
                "A read nothing while {told} were told to it, and got {got} of that when it began to read: \
                 the rest was thrown away. A guest that cannot be told must lose its connection, and the \
                 others must be told that it has left."
            );
            stage.finding('A', Code::NotClosed, note).look(FULL)
        }
    })
}
