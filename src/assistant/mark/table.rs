//! What is printed when a class is marked: students down, exercises across; and what is hardest.

use std::collections::BTreeMap;

use socketlab::printable;

use crate::draw::columns::{columns, cut};
use crate::mark::results::Mark;

/// Columns for the name of a student.
const NAME: usize = 24;

/// The table: for each student the points of each exercise, and `!` for an error.
pub fn points(marks: &[Mark]) -> String {
    let mut exercises: Vec<&str> = marks.iter().map(|mark| &*mark.exercise).collect();
    exercises.sort_unstable();
    exercises.dedup();
    let mut rows: BTreeMap<&str, BTreeMap<&str, &Mark>> = BTreeMap::new();
    for mark in marks {
        rows.entry(&mark.student).or_default().insert(&mark.exercise, mark);
    }
    let mut text = format!("{:NAME$}", "student");
    exercises.iter().for_each(|exercise| text += &format!(" {exercise:>5}"));
    text.push('\n');
    for (student, own) in rows {
        text += &name(student);
        for exercise in &exercises {
            let cell = match own.get(exercise) {
                None => "-".to_owned(),
                Some(mark) => mark.score(),
            };
            text += &format!(" {cell:>5}");
        }
        text.push('\n');
    }
    text
}

/// A student's name in its column: it is the name of a folder, so it is escaped.
fn name(student: &str) -> String {
    let name = cut(&printable(student).to_string(), NAME);
    let gap = NAME.saturating_sub(columns(&name));
    name + &" ".repeat(gap)
}

/// How often each verdict occurred, by exercise; the exercise with the smallest share of passes comes first.
pub fn verdicts(marks: &[Mark]) -> String {
    let mut exercises: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for mark in marks {
        *exercises.entry(&mark.exercise).or_default().entry(&mark.verdict).or_default() += 1;
    }
    let mut lines: Vec<(f64, String)> = exercises
        .into_iter()
        .map(|(exercise, verdicts)| {
            let all: usize = verdicts.values().sum();
            let passed = verdicts.get("PASS").copied().unwrap_or_default();
            let mut verdicts: Vec<(&str, usize)> = verdicts.into_iter().collect();
            verdicts.sort_by_key(|(name, count)| (*name != "PASS", usize::MAX - count));
            let verdicts = verdicts.iter().map(|(name, count)| format!("{count} {name}"));
            let verdicts: Vec<String> = verdicts.collect();
            (passed as f64 / all.max(1) as f64, format!("{exercise}: {}\n", verdicts.join(", ")))
        })
        .collect();
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    lines.into_iter().map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(student: &str, exercise: &str, verdict: &str, points: u64) -> Mark {
        Mark {
            student: student.into(),
            exercise: exercise.into(),
            verdict: verdict.into(),
            points,
            most: 3,
            ..Mark::default()
        }
    }

    #[test]
    fn students_stand_down_and_exercises_across() {
        let marks = [
            mark("ben", "03", "ERROR", 0),
            mark("anna\u{1b}", "03", "PASS", 3),
            mark("anna\u{1b}", "07", "SERIAL", 1),
        ];
        let wanted = "student                     03    07\nanna\\u{1b}                 3/3   1/3\nben                          !     -\n";
        assert_eq!(points(&marks), wanted);
        assert_eq!(verdicts(&marks), "07: 1 SERIAL\n03: 1 PASS, 1 ERROR\n");
    }
}
