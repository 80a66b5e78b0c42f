//! Records on the console: what one client alone gets printed must stand together when many speak.
//!
//! No wording is prescribed: what a record looks like is learnt from one client.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use crate::assistant::check::stage::{Outcome, Stage};
use crate::assistant::check::verdicts::Code;
use crate::assistant::interrupt::LOOK_AGAIN;
use crate::assistant::record::{CONSOLE, What};

/// How many clients speak at once, how often each, and for how long at the most.
const CLIENTS: usize = 6;
const MESSAGES: usize = 150;
const TIME: Duration = Duration::from_secs(2);

pub fn play(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    super::reverse::turn(stage, 'A', "hello from A")?;
    // Of different lengths: a record that depends on the message cannot be learnt.
    let first = learn(stage, "one:1:")?;
    let second = learn(stage, "another:22:")?;
    if first != second || first.len() < 2 {
        // Nothing that could be torn, or nothing that can be told.
        return stage.must_be_alive();
    }
    let start = stage.console_lines();
    stage.note(CONSOLE, What::Server(format!("visited by {CLIENTS} clients at once")));
    let address = stage.address();
    let patience = stage.patience() * 4;
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let talk = move || {
                let Ok(mut stream) = TcpStream::connect(address) else { return };
                let _ = stream.set_read_timeout(Some(patience));
                let _ = stream.set_nodelay(true);
                let mut reply = [0; 64];
                let deadline = Instant::now() + TIME;
                for number in 0..MESSAGES {
                    let message = token(&format!("{client}:{number}:"));
                    let asked = stream.write_all(message.as_bytes());
                    if Instant::now() > deadline
                        || asked.is_err()
                        || !matches!(stream.read(&mut reply), Ok(1..))
                    {
                        return;
                    }
                }
            };
            if thread::Builder::new().spawn_scoped(scope, talk).is_err() {
                return;
            }
        }
    });
    settle(stage);
    let lines = stage.console_since(start);
    let Some(torn) = first_torn(&first, &lines) else { return stage.must_be_alive() };
    stage.note(CONSOLE, What::Server("read: a record is torn".to_owned()));
    let note = "One record, as the console shows it, with its neighbours.";
    let mut finding = stage.finding(CONSOLE, Code::TornRecord, note);
    let shown = torn.saturating_sub(first.len())..(torn + first.len() + 1).min(lines.len());
    finding.evidence = vec!["A record alone:".to_owned()];
    finding.evidence.extend(first.iter().map(|line| format!("    {line}")));
    finding.evidence.push("A record among others (# is any number, … the message):".to_owned());
    finding.evidence.extend(lines[shown].iter().map(|line| {
        let line = socketlab::printable(line).to_string();
        format!("    {}", line.chars().take(70).collect::<String>())
    }));
    Err(finding.into())
}

/// A message that can be found again.
fn token(text: &str) -> String {
    format!("<{text}>")
}

/// The shape of the record of one message: its lines, with numbers and the message taken out.
fn learn(stage: &mut Stage<'_>, text: &str) -> Outcome<Vec<String>> {
    settle(stage);
    let start = stage.console_lines();
    super::reverse::turn(stage, 'A', &token(text))?;
    settle(stage);
    Ok(stage.console_since(start).iter().map(|line| shape(line)).collect())
}

/// Waits until nothing more is printed.
fn settle(stage: &mut Stage<'_>) {
    let deadline = Instant::now() + Duration::from_secs(5);
    let mut quiet = 0;
    let mut lines = stage.console_lines();
    while quiet < 3 && Instant::now() < deadline {
        thread::sleep(LOOK_AGAIN);
        let now = stage.console_lines();
        quiet = if now == lines { quiet + 1 } else { 0 };
        lines = now;
    }
}

/// A line with `#` for each number and `…` for a message, whichever way round it is.
fn shape(line: &str) -> String {
    let mut shape = String::new();
    let mut rest = line;
    while let Some(character) = rest.chars().next() {
        if let Some(after) = after_token(rest) {
            shape.push('…');
            rest = after;
        } else if character.is_ascii_digit() {
            shape.push('#');
            rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        } else {
            shape.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    shape
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

/// The first line of a record that does not stand among its own. Of the last record not all may be
/// there.
fn first_torn(record: &[String], lines: &[String]) -> Option<usize> {
    let key = record.iter().position(|line| line.contains('…'))?;
    let shapes: Vec<String> = lines.iter().map(|line| shape(line)).collect();
    (0..shapes.len()).find(|&place| {
        let Some(start) = place.checked_sub(key) else { return false };
        let window = shapes.get(start..start + record.len());
        shapes[place] == record[key] && window.is_some_and(|window| window != record)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[&str]) -> Vec<String> {
        text.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_torn_record_is_found_by_its_shape() {
        let record: Vec<String> =
            lines(&["Thread-1:", "  <learn:1:> it is"]).iter().map(|line| shape(line)).collect();
        assert_eq!(record, ["Thread-#:", "  … it is"]);
        let whole = ["Thread-1:", "  <0:1:> it is", "Thread-12:", "  <1:7:> it is"];
        assert_eq!(first_torn(&record, &lines(&whole)), None);
        let torn = ["Thread-1:", "Thread-12:", "  <0:1:> it is", "  <1:7:> it is"];
        assert_eq!(first_torn(&record, &lines(&torn)), Some(3));
        let cut = [&whole[..], &["Thread-3:"]].concat();
        assert_eq!(first_torn(&record, &lines(&cut)), None);
    }

    #[test]
    fn a_message_is_recognised_both_ways_round() {
        assert_eq!(shape("<3:14:> becomes >:41:3<"), "… becomes …");
        assert_eq!(shape("a < b > c 12"), "a < b > c #");
    }
}
