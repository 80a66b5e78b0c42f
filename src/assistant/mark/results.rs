//! What marking has come to: one [`Mark`] for each hand-in, kept as a line of JSON.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};
use socketlab::Failure;

/// The name of a mark that is not the student's fault, in the place of a verdict.
pub const ERROR: &str = "ERROR";

/// What came of one hand-in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mark {
    /// The name of the student's folder or file, as it was handed in.
    pub student: String,
    /// The number of the exercise: `03`.
    pub exercise: String,
    /// The file, as seen from the class's folder.
    pub file: String,
    /// A hash of its contents: a file that has changed is marked again.
    pub contents: String,
    /// The name of the verdict, or [`ERROR`].
    pub verdict: String,
    /// Why, in a paragraph.
    pub note: String,
    /// The section of a handout to read.
    pub read: String,
    /// How many points it gets, of [`Mark::most`]; none for an error.
    pub points: u64,
    /// How many there are: one for a server that serves a client, and one for each scene.
    pub most: u64,
    /// The scenes, in the order in which they are played; none for a program that was not built.
    pub scenes: Vec<SceneMark>,
    /// The report of the check, in lines of 80 columns, or the compiler's words.
    pub report: String,
    /// How long the check took, in seconds.
    pub seconds: f64,
}

/// What came of a scene.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SceneMark {
    /// What it is about.
    pub title: String,
    /// The name of the verdict.
    pub verdict: String,
    /// Why, in a paragraph; empty if it passed.
    pub note: String,
}

impl SceneMark {
    /// Whether it passed.
    pub fn is_pass(&self) -> bool {
        self.verdict == "PASS"
    }
}

impl Mark {
    /// Whether the machine was at fault, not the student.
    pub fn is_error(&self) -> bool {
        self.verdict == ERROR
    }

    /// Its points of all points, as people read them; `!` for an error.
    pub fn score(&self) -> String {
        if self.is_error() { "!".to_owned() } else { format!("{}/{}", self.points, self.most) }
    }

    /// The mark of what could not be marked, for this reason.
    pub fn error(why: &Failure) -> Self {
        Self { verdict: ERROR.to_owned(), note: why.to_string(), ..Self::default() }
    }

    /// For a machine: all of it.
    pub fn json(&self) -> Value {
        let scene =
            |it: &SceneMark| json!({"title": it.title, "verdict": it.verdict, "note": it.note});
        json!({
            "student": self.student,
            "exercise": self.exercise,
            "file": self.file,
            "contents": self.contents,
            "verdict": self.verdict,
            "note": self.note,
            "read": self.read,
            "points": self.points,
            "points_most": self.most,
            "scenes": self.scenes.iter().map(scene).collect::<Vec<_>>(),
            "report": self.report,
            "seconds": self.seconds,
        })
    }

    /// The same again; what is not there is empty.
    pub fn of_json(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let number = |key: &str| value[key].as_u64().unwrap_or_default();
        let scene = |it: &Value| {
            let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            SceneMark { title: text("title"), verdict: text("verdict"), note: text("note") }
        };
        Self {
            student: text("student"),
            exercise: text("exercise"),
            file: text("file"),
            contents: text("contents"),
            verdict: text("verdict"),
            note: text("note"),
            read: text("read"),
            points: number("points"),
            most: number("points_most"),
            scenes: value["scenes"].as_array().into_iter().flatten().map(scene).collect(),
            report: text("report"),
            seconds: value["seconds"].as_f64().unwrap_or_default(),
        }
    }
}

/// The marks that a file keeps; of one hand-in, the last. A line that was cut off is passed over.
pub fn read(file: &Path) -> Vec<Mark> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let mut marks: Vec<Mark> = Vec::new();
    for value in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let mark = Mark::of_json(&value);
        marks.retain(|it| (&it.student, &it.exercise) != (&mark.student, &mark.exercise));
        marks.push(mark);
    }
    marks
}

/// Adds a mark to the file. Fails when it cannot be written.
pub fn append(file: &Path, mark: &Mark) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(format!("{}\n", mark.json()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let scene =
            SceneMark { title: "t".into(), verdict: "PASS".into(), note: "\u{1b}[0m\n".into() };
        let mark = Mark {
            student: "s 01_\"é\"".into(),
            exercise: "03".into(),
            points: 2,
            most: 3,
            scenes: vec![scene],
            seconds: 1.5,
            ..Mark::default()
        };
        assert_eq!(Mark::of_json(&mark.json()), mark);
        assert_eq!(Mark::of_json(&Value::Null), Mark::default());
    }
}
