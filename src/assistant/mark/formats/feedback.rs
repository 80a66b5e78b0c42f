//! What a student gets to read, and the lecturer's own sentences in it.

use std::collections::BTreeMap;
use std::fmt::Write;

use socketlab::Failure;

use super::{cut, inline, plain};
use crate::check::verdicts::VERDICTS;
use crate::course::Lab;
use crate::mark::results::{ERROR, Mark};

/// The most bytes of a feedback file.
const MAX_FEEDBACK: usize = 64 << 10;

const CUT: &str = "\nThe rest is left out: this file has at most 64 KiB.\n";

/// How alike two names are, from 0 to 1, if one may be a slip of the other.
const CLOSE: f64 = 0.75;

/// The marks of one student in Markdown. What the student's program printed stays in its block.
pub fn feedback(marks: &[Mark], comments: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for mark in marks {
        let head = head(mark, comments);
        let room = (MAX_FEEDBACK - CUT.len()).saturating_sub(text.len() + head.len());
        let report = plain(&mark.report);
        let block = block(&report);
        if block.len() <= room {
            text = text + &head + &block;
            continue;
        }
        // Both fences are at most as long as the text between them.
        let end = (0..=room / 4).rev().find(|end| report.is_char_boundary(*end));
        if room > 64 {
            text = text + &head + &self::block(&report[..end.unwrap_or(0)]);
        }
        return text + CUT;
    }
    text
}

/// What stands above the report.
fn head(mark: &Mark, comments: &BTreeMap<String, String>) -> String {
    let Mark { exercise, verdict, points, most, .. } = mark;
    let points =
        if mark.is_error() { "no points yet".into() } else { format!("{points} of {most} points") };
    let mut text = format!("# Exercise {exercise}: {points}, {verdict}\n\n");
    let own = comments.get(&format!("{exercise} {verdict}")).or_else(|| comments.get(verdict));
    let (why, read) = (inline(&cut(&mark.note)), inline(&cut(&mark.read)));
    let read = if verdict == "PASS" { String::new() } else { read };
    for (label, words) in [("Why: ", &why), ("Read: ", &read), ("", own.unwrap_or(&String::new()))]
    {
        if !words.is_empty() {
            let _ = write!(text, "{label}{words}\n\n");
        }
    }
    text
}

/// A fenced block. Its fence is longer than any in the text.
fn block(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let (fence, text) = ("`".repeat((longest + 1).max(3)), text.trim_end());
    if text.is_empty() { String::new() } else { format!("{fence}text\n{text}\n{fence}\n\n") }
}

/// Reads lines `VERDICT: sentence` or `03 VERDICT: sentence`. Empty lines and lines with `#` are passed over.
pub fn comments(text: &str) -> Result<BTreeMap<String, String>, Failure> {
    let lines = (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let read = |(number, line): (usize, &str)| {
        let failure = |why: String| Failure::new(format!("line {number} of the comments: {why}"));
        let form = || failure("it is not VERDICT: sentence, or 03 VERDICT: sentence".to_owned());
        let (key, sentence) = line.split_once(':').ok_or_else(form)?;
        let words: Vec<&str> = key.split_whitespace().collect();
        let (exercise, name) = match *words.as_slice() {
            [name] => (String::new(), name),
            [lab, name] => (format!("{} ", Lab::parse(lab).map_err(failure)?.number()), name),
            _ => return Err(form()),
        };
        let names = || VERDICTS.iter().map(|verdict| verdict.name).chain([ERROR]);
        if names().any(|it| it == name) {
            return Ok((exercise + name, cut(&plain(sentence.trim()))));
        }
        let is_close = |it: &&str| strsim::jaro(it, &name.to_uppercase()) >= CLOSE;
        let close: Vec<&str> = names().filter(is_close).collect();
        let close = if close.is_empty() { names().collect() } else { close };
        Err(failure(format!("{name:?} is not a verdict. Is it one of these? {}", close.join(", "))))
    };
    lines.map(read).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::mark::formats::tests::mark;

    #[test]
    fn feedback_has_the_lecturers_sentence_and_keeps_the_report_in_its_block() {
        let own = comments("\u{feff}# mine\n\nSERIAL: Any.\n3 SERIAL: See: `accept`.\n").unwrap();
        let report = "````\n# forged\u{1b}\n".to_owned();
        let mark = Mark { report, read: "labs/x#y".into(), ..mark("a", "03", "SERIAL") };
        let wanted = "# Exercise 03: 2 of 3 points, SERIAL\n\nWhy: B \\<waited>\n\nRead: labs/x#y\n\nSee: `accept`.\n\n\
                      `````text\n````\n# forged\\u{1b}\n`````\n\n";
        assert_eq!(feedback(std::slice::from_ref(&mark), &own), wanted);
        let other = Mark { exercise: "05".into(), ..mark };
        assert!(feedback(&[other], &own).contains("\n\nAny.\n\n"));
    }

    #[test]
    fn feedback_is_at_most_64_kib_long() {
        for filler in ["é", "`"] {
            let long = Mark { report: filler.repeat(70_000), ..mark("a", "03", "DIED") };
            let text = feedback(&[mark("a", "01", "PASS"), long], &BTreeMap::new());
            assert!(text.len() <= 64 << 10 && text.len() > 16 << 10, "{}", text.len());
            let fence = "`".repeat(text.split(|c| c != '`').map(str::len).max().unwrap());
            assert_eq!(text.lines().filter(|line| line.starts_with(&fence)).count(), 2);
            assert!(text.ends_with(&format!("\n{fence}\n\n{CUT}")));
        }
    }

    #[test]
    fn a_wrong_comment_is_named_with_its_line() {
        let failure = |text: &str| comments(text).unwrap_err().to_string();
        let wanted =
            "line 2 of the comments: \"serail\" is not a verdict. Is it one of these? SERIAL";
        assert_eq!(failure("PASS: Well done.\nserail: x"), wanted);
        assert!(failure("x").contains("it is not VERDICT: sentence"));
        assert!(failure("77 PASS: x").starts_with("line 1 of the comments: the labs are 01"));
    }
}
