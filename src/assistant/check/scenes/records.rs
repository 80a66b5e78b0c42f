//! Records on the console: what one client alone gets printed must stand together when many speak.
//!
//! No wording is prescribed: what a record looks like is learnt from one client.

use std::time::{Duration, Instant};

use super::crowd::all_at_once;
use super::reversing::{panic, turn};
use crate::check::finding::Outcome;
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::process::interrupt;

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
    let Some((records, exact)) = learn_all(stage)? else {
        // Nothing that could be torn, or nothing that can be told.
        return stage.must_be_alive();
    };
    stage.note(CONSOLE, What::Server("asked by all clients at once, again and again".to_owned()));
    let mut wait = stage.begin_wait(TIME);
    let (mut messages, mut rounds) = (0, 0);
    let (lines, torn) = loop {
        let start = stage.console_lines();
        // The client's place, by which its record is found again.
        let message = |who: char, number| {
            let message = token(&format!("{}:{number}:", who as usize - 'A' as usize));
            (message.clone(), message.len())
        };
        let all = MESSAGES * CLIENTS.len();
        messages += all_at_once(stage, &CLIENTS, all, TIME, message, |_, _| Ok(()))?.len();
        rounds += 1;
        settle(stage, PAUSES[0]);
        let lines = stage.console_since(start);
        if let Some(torn) = first_torn(&records, &lines, exact) {
            break (lines, torn);
        }
        // Once the console is full, nothing more can be read from it.
        let is_enough = rounds >= ROUNDS && (messages >= ENOUGH || stage.is_over(&mut wait));
        if is_enough || lines.len() < MESSAGES || interrupt::requested() {
            return stage.must_be_alive();
        }
    };
    stage.note(CONSOLE, What::Server("seen to print a torn record".to_owned()));
    let note = "What one client alone gets printed, and what the console shows with several:";
    let mut finding = stage.finding(CONSOLE, Code::TornRecord, note);
    let shown = torn.saturating_sub(SHOWN / 2)..(torn + SHOWN / 2).min(lines.len());
    finding.evidence = vec!["alone (… is the message):".to_owned()];
    finding.evidence.extend(records[0].iter().take(SHOWN).map(|line| indented(line)));
    finding.evidence.push("with several:".to_owned());
    finding.evidence.extend(lines[shown].iter().map(|line| indented(line)));
    Err(finding.into())
}

fn indented(line: &str) -> String {
    format!("    {}", socketlab::printable(line).to_string().chars().take(68).collect::<String>())
}

/// A message that can be found again.
fn token(text: &str) -> String {
    format!("<{text}>")
}

/// The record of each client alone, and whether its numbers are part of it.
type Learnt = (Vec<Vec<String>>, bool);

/// Learns the records; `None` if that cannot be told, or if a record is a single line.
fn learn_all(stage: &mut Stage<'_>) -> Outcome<Option<Learnt>> {
    let deadline = Instant::now() + LEARN_TIMEOUT;
    for pause in PAUSES {
        if Instant::now() > deadline || !settle(stage, pause) {
            break;
        }
        // Of different lengths: a record that depends on the message cannot be learnt.
        let first = learn(stage, 'A', "first:1:", pause)?;
        let again = learn(stage, 'A', "learnt:22:", pause)?;
        let shape = plain(&first);
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
            return Ok(Some((records, exact)));
        }
    }
    Ok(None)
}

fn plain(record: &[String]) -> Vec<String> {
    record.iter().map(|line| without_numbers(line)).collect()
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

/// A line with `…` for a message, whichever way round it is; and whose message that was.
fn shape(line: &str) -> (String, Option<usize>) {
    let mut shape = String::new();
    let mut whose = None;
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = after_token(rest) {
            shape.push('…');
            let message = &rest[1..rest.len() - after.len() - 1];
            let (one, other) = message.split_at(message.find(':').unwrap_or(0));
            let place =
                if rest.starts_with('<') { one } else { other.rsplit(':').next().unwrap_or("") };
            whose = whose.or(place.parse().ok());
            rest = after;
        } else {
            shape.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    (shape, whose)
}

/// A line with `#` for each number.
pub fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for character in line.chars() {
        let character = if character.is_ascii_digit() { '#' } else { character };
        if character != '#' || !text.ends_with('#') {
            text.push(character);
        }
    }
    text
}

/// What follows a message at the beginning of `text`: `<…>`, or `>…<` when it is turned round.
fn after_token(text: &str) -> Option<&str> {
    let (begin, end) = match text.as_bytes().first()? {
        b'<' => ('<', '>'),
        b'>' => ('>', '<'),
        _ => return None,
    };
    let inside = text.strip_prefix(begin)?;
    let length = inside.find(end)?;
    let is_token = inside[..length].contains(':') && !inside[..length].contains(' ');
    is_token.then(|| &inside[length + 1..])
}

/// The first line with a message that stands beside foreign lines on every side.
///
/// A record is whole if the line with its message stands where it should beside the one above it, or
/// beside the one below it, always: a line printed for each message outside the lock is no part of
/// the record. At the end not all may be there.
fn first_torn(records: &[Vec<String>], lines: &[String], exact: bool) -> Option<usize> {
    let shapes: Vec<_> = lines.iter().map(|line| shape(line)).collect();
    let read = |line: &str| if exact { line.to_owned() } else { without_numbers(line) };
    let key = records.first()?.iter().position(|line| line.contains('…'))?;
    let broken = |above: bool| {
        shapes.iter().enumerate().find_map(|(place, (line, whose))| {
            let record = records.get((*whose)?)?;
            if record.get(key) != Some(&read(line)) {
                return None;
            }
            let (wanted, got) = if above {
                (record.get(key.checked_sub(1)?)?, place.checked_sub(1))
            } else {
                (record.get(key + 1)?, Some(place + 1))
            };
            let got = got.map(|got| shapes.get(got).map(|(line, _)| read(line)));
            match got {
                Some(None) => None, // beyond the end
                Some(Some(got)) if got == *wanted => None,
                _ => Some(place),
            }
        })
    };
    let length = records.first()?.len();
    match (key > 0, key + 1 < length) {
        (true, true) => broken(true).and(broken(false)),
        (true, false) => broken(true),
        (false, _) => broken(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_torn_record_is_found_by_the_line_beside_the_message() {
        let records = [lines(&["Thread-1:", "  … it is"]), lines(&["Thread-2:", "  … it is"])];
        let torn = |text: &[&str]| first_torn(&records, &lines(text), true);
        assert_eq!(torn(&["Thread-1:", "  <0:1:> it is", "Thread-2:", "  <1:7:> it is"]), None);
        assert_eq!(torn(&["Thread-1:", "Thread-2:", "  <0:1:> it is", "  <1:7:> it is"]), Some(2));
        assert_eq!(torn(&["Thread-1:", "  <0:1:> it is", "Thread-2:"]), None, "the end");
        // The right shape, but another's.
        assert_eq!(torn(&["Thread-2:", "  <0:1:> it is"]), Some(1));
    }

    #[test]
    fn a_line_outside_the_lock_tears_nothing() {
        let records =
            [lines(&["somebody speaks", "1:", "  …"]), lines(&["somebody speaks", "2:", "  …"])];
        let text = ["somebody speaks", "somebody speaks", "1:", "  <0:1:>", "2:", "  <1:1:>"];
        assert_eq!(first_torn(&records, &lines(&text), true), None);
        let text = ["somebody speaks", "1:", "somebody speaks", "  <0:1:>", "2:", "  <1:1:>"];
        assert_eq!(first_torn(&records, &lines(&text), true), Some(3));
        // The message stands in the middle: either side may be the record's.
        let records = [lines(&["a", "  …", "b"]), lines(&["a", "  …", "b"])];
        let text = ["a", "a", "  <0:1:>", "b", "  <1:1:>", "b"];
        assert_eq!(first_torn(&records, &lines(&text), true), None);
    }

    #[test]
    fn a_message_is_recognised_both_ways_round() {
        assert_eq!(shape("<3:14:> becomes >:41:3<"), ("… becomes …".to_owned(), Some(3)));
        assert_eq!(shape("a < b > c 12"), ("a < b > c 12".to_owned(), None));
        assert_eq!(shape(">:41:3<").1, Some(3));
        assert_eq!(without_numbers("at 12:34, 5"), "at #:#, #");
    }
}
