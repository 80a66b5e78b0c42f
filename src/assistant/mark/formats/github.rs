//! What GitHub Actions shows: annotations of a file, and the summary of a step.

use std::fmt::Write;

use super::{cut, inline, plain, summary};
use crate::mark::results::Mark;

/// GitHub drops further annotations of a step without saying so.
pub const MAX_ANNOTATIONS: usize = 10;

/// The most bytes of a summary: GitHub drops one over 1 MiB.
const MAX_SUMMARY: usize = 1_000_000;

/// A line for each of the compiler's errors in the student's `file`, or for each scene that failed. GitHub reads
/// them in the output of a step.
pub fn annotations(mark: &Mark, file: &str) -> String {
    let mut found: Vec<(Option<u32>, String)> = Vec::new();
    if mark.verdict == "DID_NOT_BUILD" {
        let mut error = None;
        for line in mark.report.lines().map(str::trim) {
            if line.starts_with("error") {
                error = Some(line);
            } else if let (Some(place), Some(words)) = (line.strip_prefix("--> "), error) {
                found.extend(line_in(place, file).map(|line| (Some(line), words.to_owned())));
                error = None;
            }
        }
    } else if !mark.is_error() {
        let panicked = mark.report.split_once("panicked at ").map(|(_, place)| place.trim_start());
        let mut line = panicked.and_then(|place| line_in(place, file));
        let failed = mark.scenes.iter().filter(|scene| !scene.is_pass());
        found.extend(failed.map(|it| (line.take(), format!("{}: {}", it.title, it.note))));
    }
    if found.is_empty() && mark.verdict != "PASS" {
        found.push((None, summary(mark)));
    }
    let title = property(&format!("{} {}", mark.exercise, mark.verdict));
    let annotation = |(line, words): (Option<u32>, String)| {
        let line = line.map_or_else(String::new, |line| format!("line={line},"));
        format!("::error file={},{line}title={title}::{}\n", property(file), data(&plain(&words)))
    };
    found.into_iter().take(MAX_ANNOTATIONS).map(annotation).collect()
}

/// The line that `PATH:LINE:COLUMN` names in the student's file, which is built as `practice.rs`.
fn line_in(place: &str, file: &str) -> Option<u32> {
    let (path, rest) = place.split_once(".rs:")?;
    let name = |path: &str| path.rsplit(['/', '\\']).next().map(str::to_owned);
    let path = name(&format!("{path}.rs"));
    let is_students = path == name(file) || path.as_deref() == Some("practice.rs");
    rest.split(':').next().filter(|_| is_students)?.parse().ok()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A table in Markdown, for the file that `GITHUB_STEP_SUMMARY` names.
pub fn step_summary(marks: &[Mark]) -> String {
    let mut text =
        "| Student | Exercise | Points | Verdict | Why |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for (place, mark) in marks.iter().enumerate() {
        let Mark { exercise, verdict, points, most, .. } = mark;
        let points = if mark.is_error() { "-".to_owned() } else { format!("{points} of {most}") };
        let (student, note) = (inline(&mark.student), inline(&cut(&mark.note)));
        let row = format!("| {student} | {exercise} | {points} | {verdict} | {note} |\n");
        if text.len() + row.len() > MAX_SUMMARY {
            let _ = write!(
                text,
                "\n{} more are left out: the summary is too long.\n",
                marks.len() - place
            );
            break;
        }
        text += &row;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mark::formats::tests::mark;

    #[test]
    fn annotations_name_lines_and_cannot_be_forged() {
        let error = "error[E1]: 5%\n   --> labs/03_x/practice.rs:7:3\n  --> labs/03_x/practice.rs:8:1\nerror: x\n --> y.rs:1:1\n";
        let broken = Mark { report: error.repeat(11), ..mark("a", "03", "DID_NOT_BUILD") };
        let line = "::error file=a%2Cb/p.rs,line=7,title=03 DID_NOT_BUILD::error[E1]: 5%25\n";
        assert_eq!(annotations(&broken, "a,b/p.rs"), line.repeat(10));
        let report =
            "thread 'x' panicked at\n  labs/03_x/practice.rs:9:1:\n".replace("at\n", "at \n");
        let mut died = Mark { report, ..mark("a", "03", "DIED") };
        died.scenes[1].note = "x\n::error::y".into();
        let line = "::error file=p.rs,line=9,title=03 DIED::two clients: x%0A::error::y\n";
        assert_eq!(annotations(&died, "p.rs"), line);
        assert_eq!(annotations(&mark("a", "03", "PASS"), "p.rs"), "");
        let wanted = "::error file=p.rs,title=03 ERROR::B <waited>\n";
        assert_eq!(annotations(&mark("a", "03", "ERROR"), "p.rs"), wanted);
    }

    #[test]
    fn a_summary_is_a_table_that_is_not_too_long() {
        let row = "| a\\|b | 03 | 2 of 3 | SERIAL | B \\<waited> |\n";
        assert!(step_summary(&[mark("a|b", "03", "SERIAL")]).ends_with(row));
        let text = step_summary(&vec![mark("a", "03", "ERROR"); 40_000]);
        assert!(text.len() < 1 << 20 && text.contains("| - | ERROR |"));
        assert!(text.ends_with(" more are left out: the summary is too long.\n"));
    }
}
