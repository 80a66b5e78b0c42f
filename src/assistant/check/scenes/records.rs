//! Records on the console: what one client alone gets printed must stand together when many speak.
//!
//! No wording is prescribed: what a record looks like is learnt from one client.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::crowd::all_at_once;
use super::reversing::{REPLY, panic, turn};
use super::torn::{Frame, first_torn, learnt_in_a_row, plain, plain_shapes, shape};
use crate::check::finding::{Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::process::interrupt;
use crate::process::program::escaped;

/// Who speaks at once, how often each in one go, and for how long in all.
const CLIENTS: [char; 5] = ['A', 'B', 'C', 'D', 'E'];
const MESSAGES: usize = 300;
const TIME: Duration = Duration::from_secs(2);

/// How many answered messages are enough: without a lock, some of the first hundreds are torn.
const ENOUGH: usize = 10_000;

/// How often they speak at least, on a machine that has too much to do.
const ROUNDS: usize = 3;

/// How long the console must be quiet until a record is complete; the longer ones for machines that
/// have too much to do.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1200)];

/// How long it may take until a record is learnt; a console that is never quiet teaches none.
const LEARN_TIMEOUT: Duration = Duration::from_secs(10);

/// How many lines of a record are shown.
const SHOWN: usize = 6;

pub fn play(stage: &mut Stage<'_>) -> Outcome {
    for who in CLIENTS {
        stage.connect(who)?;
    }
    turn(stage, 'A', "hello from A")?;
    // Records must stay whole when the lock is poisoned.
    stage.connect('P')?;
    panic(stage, 'P')?;
    let (records, exact) = match learn_all(stage)? {
        Lesson::Learnt(records, exact) => (records, exact),
        // Nothing could be torn.
        Lesson::SingleLines => return stage.must_be_alive(),
        Lesson::Unclear => return Err(Halt::LeftOut(UNCLEAR)),
        Lesson::NotShown => learn_from_blocks(stage)?,
    };
    let frame = learn_lives(stage, &records[0])?;
    stage.note(CONSOLE, What::Server("asked by all clients at once, again and again".to_owned()));
    let mut wait = stage.begin_wait(TIME);
    let (mut messages, mut rounds) = (0, 0);
    let mut guests = frame.as_ref().map(|_| Guests::default());
    let (lines, torn) = loop {
        let start = stage.console_lines();
        let all = MESSAGES * CLIENTS.len();
        let come_and_go = |stage: &mut Stage<'_>, _| {
            guests.iter_mut().for_each(|guests| guests.come_and_go(stage));
            Ok(())
        };
        messages += all_at_once(stage, &CLIENTS, all, TIME, message, come_and_go)?.len();
        rounds += 1;
        settle(stage, PAUSES[0]);
        let end = stage.console_lines();
        let mut lines = stage.console_since(start);
        lines.truncate(end - start); // without a line that has not ended
        if let Some(torn) = torn_line(&records, exact, frame.as_ref(), &lines) {
            break (lines, torn);
        }
        // Once the console is full, nothing more can be read from it.
        let is_enough = rounds >= ROUNDS && (messages >= ENOUGH || stage.is_over(&mut wait));
        if is_enough || lines.len() < MESSAGES || interrupt::requested() {
            return stage.must_be_alive();
        }
    };
    stage.note(CONSOLE, What::Server("seen to print a torn record".to_owned()));
    let note = "A record that is whole while one client is alone is torn when several are there.";
    let mut finding = stage.finding(CONSOLE, Code::TornRecord, note);
    let shown = torn.saturating_sub(SHOWN / 2)..(torn + SHOWN / 2).min(lines.len());
    finding.evidence = vec!["alone (… is the message):".to_owned()];
    finding.evidence.extend(records[0].iter().take(SHOWN).map(|line| indented(line)));
    finding.evidence.push("with several:".to_owned());
    finding.evidence.extend(lines[shown].iter().map(|line| indented(line)));
    Err(finding.into())
}

const UNCLEAR: &str = "its records differ from one message to the next";
const NO_RECORDS: &str = "its console shows no records, not even in blocks";
const PROCESSES: &str = "its output comes in blocks, perhaps of several processes";

/// What a client says, with the place by which its record is found again.
fn message(who: char, number: usize) -> (String, usize) {
    let message = token(&format!("{}:{number}:", who as usize - 'A' as usize));
    (message.clone(), message.len())
}

/// The place of a line of a torn record.
fn torn_line(
    records: &[Vec<String>],
    exact: bool,
    frame: Option<&Frame>,
    lines: &[String],
) -> Option<usize> {
    let Some(frame) = frame else { return first_torn(records, lines, exact) };
    let shapes = plain_shapes(lines);
    // What is printed for itself may stand anywhere.
    let own: Vec<usize> = (0..lines.len()).filter(|at| frame.has(&shapes[*at])).collect();
    let parts: Vec<String> = own.iter().map(|at| lines[*at].clone()).collect();
    let torn = first_torn(records, &parts, exact).map(|torn| own[torn]);
    torn.or_else(|| frame.first_torn(&shapes))
}

/// Clients that come, speak and leave while the others speak.
#[derive(Debug, Default)]
struct Guests {
    number: usize,
    /// Whether one was not answered at once: then no more come.
    are_slow: bool,
}

impl Guests {
    /// How many come at a time, and how long one waits for its reply.
    const AT_ONCE: usize = 1;
    const PATIENCE: Duration = Duration::from_millis(100);

    fn come_and_go(&mut self, stage: &Stage<'_>) {
        for _ in 0..Self::AT_ONCE {
            if !self.are_slow {
                self.number += 1;
                self.are_slow = self.one(stage.address()).is_err();
            }
        }
    }

    /// Every second one resets its connection.
    fn one(&self, server: SocketAddr) -> io::Result<()> {
        let mut guest = TcpStream::connect_timeout(&server, Self::PATIENCE)?;
        guest.set_read_timeout(Some(Self::PATIENCE))?;
        let (message, length) = message('Z', self.number);
        guest.write_all(message.as_bytes())?;
        if self.number % 2 == 0 {
            guest.peek(&mut [0]).map(drop)
        } else {
            guest.read_exact(&mut vec![0; length])
        }
    }
}

/// Learns what is printed about clients that come and leave alone. `record` is that of a message.
fn learn_lives(stage: &mut Stage<'_>, record: &[String]) -> Outcome<Option<Frame>> {
    let start = stage.console_lines();
    for (who, leave) in [('L', close as fn(&mut Stage<'_>, char) -> Outcome), ('M', reset)] {
        stage.connect(who)?;
        settle(stage, PAUSES[0]);
        turn(stage, who, &token("learnt:22:"))?;
        leave(stage, who)?;
        settle(stage, PAUSES[0]);
    }
    Ok(Frame::learn(record, &stage.console_since(start)))
}

fn close(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.close(who);
    Ok(())
}

fn reset(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, token("unread:22:"))?;
    stage.break_off(who, REPLY)
}

fn indented(line: &str) -> String {
    format!("    {}", escaped(line).chars().take(68).collect::<String>())
}

/// A message that can be found again.
fn token(text: &str) -> String {
    format!("<{text}>")
}

/// What could be learnt about records.
enum Lesson {
    /// The record of each client alone, and whether its numbers are part of it.
    Learnt(Vec<Vec<String>>, bool),
    /// A record is a single line.
    SingleLines,
    /// Messages are shown, and not always in the same way.
    Unclear,
    /// No message is shown.
    NotShown,
}

/// Learns the records.
fn learn_all(stage: &mut Stage<'_>) -> Outcome<Lesson> {
    let deadline = Instant::now() + LEARN_TIMEOUT;
    let mut lesson = Lesson::Unclear;
    for pause in PAUSES {
        if Instant::now() > deadline || !settle(stage, pause) {
            break;
        }
        // Of different lengths: a record that depends on the message cannot be learnt.
        let first = learn(stage, 'A', "first:1:", pause)?;
        let again = learn(stage, 'A', "learnt:22:", pause)?;
        let shape = plain(&first);
        lesson = match &again[..] {
            [line] if plain(&again) == shape && line.contains('…') => Lesson::SingleLines,
            lines if [lines, &first].concat().iter().any(|line| line.contains('…')) => {
                Lesson::Unclear
            }
            _ => Lesson::NotShown,
        };
        if matches!(lesson, Lesson::NotShown) && stage.is_idle() {
            break;
        }
        if plain(&again) != shape || shape.len() < 2 {
            continue;
        }
        let exact = first == again;
        let mut records = vec![again];
        for who in &CLIENTS[1..] {
            records.push(learn(stage, *who, "learnt:22:", pause)?);
        }
        if records.iter().all(|record| plain(record) == shape) {
            // Numbers that change from one message to the next are not part of a record.
            let records = if exact { records } else { vec![shape; CLIENTS.len()] };
            return Ok(Lesson::Learnt(records, exact));
        }
    }
    Ok(lesson)
}

/// How much each client says alone, where the server keeps what it prints: some blocks of it, which have up to
/// 16 KiB.
const LONG: usize = 500;
const BLOCKS: usize = 100;

/// Learns the records of a server that prints in blocks, as programs in many languages do where no terminal
/// reads: the line above each message, the message, and the line below.
fn learn_from_blocks(stage: &mut Stage<'_>) -> Outcome<(Vec<Vec<String>>, bool)> {
    let long = |who: char, number: usize| {
        let message =
            token(&format!("{}:{number}:{}:", who as usize - 'A' as usize, "x".repeat(LONG)));
        (message.clone(), message.len())
    };
    let start = stage.console_lines();
    for who in CLIENTS {
        all_at_once(stage, &[who], BLOCKS, TIME, long, |_, _| Ok(()))?;
    }
    settle(stage, PAUSES[0]);
    // Blocks of several processes come one into the other.
    if stage.processes().is_none_or(|processes| processes > 1) {
        return Err(Halt::LeftOut(PROCESSES));
    }
    let lines = stage.console_since(start);
    learnt_in_a_row(&lines, CLIENTS.len()).ok_or(Halt::LeftOut(NO_RECORDS))
}

/// The record of one message of a client alone: its lines, with the message taken out.
fn learn(stage: &mut Stage<'_>, who: char, text: &str, pause: Duration) -> Outcome<Vec<String>> {
    let start = stage.console_lines();
    turn(stage, who, &token(text))?;
    settle(stage, pause);
    Ok(stage.console_since(start).iter().map(|line| shape(line).0).collect())
}

/// Waits until nothing more has been printed for this long; false if that does not happen in time.
fn settle(stage: &mut Stage<'_>, pause: Duration) -> bool {
    let deadline = Instant::now() + (pause * 20).min(LEARN_TIMEOUT);
    let mut lines = stage.console_lines();
    while Instant::now() < deadline && !interrupt::requested() {
        // A server that is seen to do nothing prints nothing more.
        if pause > PAUSES[0] || !stage.is_idle() {
            interrupt::sleep(pause);
        }
        let now = stage.console_lines();
        if now == lines {
            return true;
        }
        lines = now;
    }
    false
}
