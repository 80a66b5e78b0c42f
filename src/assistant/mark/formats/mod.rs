//! What lecturers' systems read: each function turns marks into the text of one file.

mod sheets;

use std::collections::BTreeSet;

use crate::mark::results::Mark;

pub use sheets::{Filled, csv, fill_canvas, fill_sheet};

/// The numbers of the exercises, in order.
fn exercises(marks: &[Mark]) -> BTreeSet<&str> {
    marks.iter().map(|mark| &*mark.exercise).collect()
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
}
