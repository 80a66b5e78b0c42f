//! The lines of a console: which of them belong together, and which are torn apart.

use std::collections::HashSet;

/// A line with `…` for a message, whichever way round it is; and whose message that was.
pub fn shape(line: &str) -> (String, Option<usize>) {
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

/// The lines of a record without their numbers.
pub fn plain(record: &[String]) -> Vec<String> {
    record.iter().map(|line| without_numbers(line)).collect()
}

/// What the records of clients that come, speak and leave have in common, learnt from some that did so alone: a
/// record of two lines, the second of which says what has happened.
#[derive(Debug)]
pub struct Frame {
    head: String,
    /// What follows the head, when a client comes, speaks, or leaves.
    bodies: HashSet<String>,
    /// Lines that are printed for themselves.
    others: HashSet<String>,
}

impl Frame {
    /// That of a record whose last line is the message, and of these lines of clients that came, spoke and left,
    /// one after the other. None, if those are not whole themselves.
    pub fn learn(record: &[String], lives: &[String]) -> Option<Self> {
        let (body, head) = (record.last()?, record.iter().rev().nth(1)?);
        let (body, head) = (without_numbers(body), without_numbers(head));
        let lives = plain_shapes(lives);
        let pairs = lives.windows(2).filter(|pair| pair[0] == head);
        let bodies: HashSet<_> = pairs.map(|pair| pair[1].clone()).chain([body.clone()]).collect();
        let is_other = |line: &&String| **line != head && !bodies.contains(*line);
        let others = lives.iter().filter(is_other).cloned().collect();
        let frame = Self { head, bodies, others };
        (body.contains('…') && frame.first_torn(&lives).is_none()).then_some(frame)
    }

    /// Whether a line is part of a record.
    pub fn has(&self, line: &str) -> bool {
        line == self.head || self.bodies.contains(line)
    }

    /// The first of these lines that stands beside foreign ones. At the beginning and at the end not all of a record
    /// may be there. Any line that was not learnt may be a part of a record.
    pub fn first_torn(&self, lines: &[String]) -> Option<usize> {
        let mut was_head = None;
        for (place, line) in lines.iter().enumerate() {
            let is_head = *line == self.head;
            if self.has(line) {
                if was_head == Some(is_head) {
                    return Some(place);
                }
                was_head = Some(is_head);
            } else if !self.others.contains(line) {
                was_head = None;
            }
        }
        None
    }
}

/// The record of each of so many clients, who have spoken one after the other, and whether its numbers are part of
/// it: the line above each of their messages, the message, and the line below. None, if it is not always the same.
pub fn learnt_in_a_row(lines: &[String], clients: usize) -> Option<(Vec<Vec<String>>, bool)> {
    let shapes: Vec<_> = lines.iter().map(|line| shape(line)).collect();
    let records_of = |who: usize| -> Vec<Vec<String>> {
        let places = shapes.iter().enumerate().filter(|(_, (_, whose))| *whose == Some(who));
        let places: Vec<usize> = places.map(|(place, _)| place).collect();
        // Beside the first and the last of them stand lines of others.
        let inner = places.get(1..places.len().saturating_sub(1)).unwrap_or_default();
        let record =
            |place: &usize| shapes[place - 1..=place + 1].iter().map(|(line, _)| line.clone());
        inner.iter().map(|place| record(place).collect()).collect()
    };
    let all: Vec<_> = (0..clients).map(records_of).collect();
    let form = plain(all.first()?.first()?);
    let is_same = all.iter().flatten().all(|record| plain(record) == form);
    let has_lines = form.iter().filter(|line| line.contains('…')).count() == 1;
    if !is_same || !has_lines || all.iter().any(Vec::is_empty) {
        return None;
    }
    let exact = all.iter().all(|own| own.iter().all(|record| *record == own[0]));
    let records = all.into_iter().map(|own| if exact { own[0].clone() } else { form.clone() });
    Some((records.collect(), exact))
}

/// The shapes of these lines, without their numbers.
pub fn plain_shapes(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| without_numbers(&shape(line).0)).collect()
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
/// beside the one below it, always: a line that is printed for each message outside the lock does not
/// belong to the record. At the end not all may be there.
pub fn first_torn(records: &[Vec<String>], lines: &[String], exact: bool) -> Option<usize> {
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
                None | Some(None) => None, // beyond the beginning, or the end
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
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

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
        assert_eq!(torn(&["  <0:1:> it is", "Thread-2:", "  <1:7:> it is"]), None, "the beginning");
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
    fn records_of_clients_that_come_and_leave_are_judged_too() {
        let record = lines(&["T-1:", "  … it is"]);
        let lives = lines(&[
            "7 is here",
            "T-1:",
            "  hello",
            "T-1:",
            "  <0:1:> it is",
            "T-1:",
            "  bye",
            "7 left",
        ]);
        let frame = Frame::learn(&record, &lives).unwrap();
        let torn = |text: &[&str]| frame.first_torn(&plain_shapes(&lines(text)));
        assert_eq!(torn(&["  bye", "T-2:", "8 is here", "  hello", "T-3:"]), None);
        assert_eq!(torn(&["T-2:", "T-3:", "  bye", "  bye"]), Some(1));
        assert_eq!(torn(&["T-2:", "  bye", "  <1:2:> it is", "T-3:"]), Some(2));
        assert_eq!(torn(&["T-2:", "  was lost", "T-3:", "  bye"]), None, "it was not learnt");
        let alone = lines(&["T-1:", "T-1:", "  bye"]);
        assert!(Frame::learn(&record, &alone).is_none(), "a head alone is a record, too");
        assert!(Frame::learn(&lines(&["T-1:", "  …", "end"]), &lives).is_none());
    }

    #[test]
    fn a_message_is_recognised_both_ways_round() {
        assert_eq!(shape("<3:14:> becomes >:41:3<"), ("… becomes …".to_owned(), Some(3)));
        assert_eq!(shape("a < b > c 12"), ("a < b > c 12".to_owned(), None));
        assert_eq!(shape(">:41:3<").1, Some(3));
        assert_eq!(without_numbers("at 12:34, 5"), "at #:#, #");
    }
}
