//! What lecturers' systems read: each function turns marks into the text of one file.

mod feedback;
mod github;
mod graders;
mod junit;
mod sheets;

use std::collections::BTreeSet;

use crate::process::program::escaped;

use crate::mark::results::Mark;

pub use feedback::{comments, feedback};
pub use github::{MAX_ANNOTATIONS, annotations, step_summary};
pub use graders::{gradescope, prairielearn};
pub use junit::junit;
pub use sheets::{Filled, csv, fill_canvas, fill_sheet};

/// The most characters of a text whose reader may have a limit.
const MAX_CHARS: usize = 1_999;

/// The numbers of the exercises, in order.
fn exercises(marks: &[Mark]) -> BTreeSet<&str> {
    marks.iter().map(|mark| &*mark.exercise).collect()
}

/// A text in which nothing but newlines controls a terminal.
fn plain(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// The first [`MAX_CHARS`] characters of a text.
fn cut(text: &str) -> String {
    let end = text.char_indices().nth(MAX_CHARS).map(|_| MAX_CHARS - 1);
    text.chars().take(end.unwrap_or(MAX_CHARS)).chain(end.map(|_| '…')).collect()
}

/// The note, what to read, and as much of the report as there is room for.
fn summary(mark: &Mark) -> String {
    let read = if mark.read.is_empty() { String::new() } else { format!("Read: {}\n", mark.read) };
    cut(plain(&format!("{}\n{read}\n{}", mark.note, mark.report)).trim())
}

/// One line of Markdown that makes no HTML, no link, no image and no cell of a table.
fn inline(text: &str) -> String {
    let line = plain(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let escape =
        |c: char| ['\\', '<', '[', '|'].contains(&c).then_some('\\').into_iter().chain([c]);
    line.chars().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::results::SceneMark;

    /// A hand-in that passes the first of two scenes.
    pub fn mark(student: &str, exercise: &str, verdict: &str) -> Mark {
        let scene = |title: &str, verdict: &str, note: &str| SceneMark {
            title: title.into(),
            verdict: verdict.into(),
            note: note.into(),
        };
        Mark {
            student: student.into(),
            exercise: exercise.into(),
            verdict: verdict.into(),
            note: "B <waited>".into(),
            points: 2,
            most: 3,
            scenes: vec![scene("a reply", "PASS", ""), scene("two clients", verdict, "B waited")],
            ..Mark::default()
        }
    }

    #[test]
    fn texts_are_plain_and_short() {
        assert_eq!(plain("a\u{1b}[0m\r\n\\u{1b}\u{202e}"), "a\\u{1b}[0m\\r\n\\u{1b}\\u{202e}");
        assert_eq!(cut(&"é".repeat(1_999)), "é".repeat(1_999));
        assert_eq!(cut(&"é".repeat(2_000)), "é".repeat(1_998) + "…");
        assert_eq!(inline("a\n <b> [c](d) \\|"), "a \\<b> \\[c](d) \\\\\\|");
    }
}
