//! `cargo run -- solution NN`.

use std::process::ExitCode;
use std::sync::mpsc;

use clap::{ArgMatches, Command};
use similar::TextDiff;

use crate::check::verdicts::Verdict;
use crate::commands::check::{Check, building};
use crate::commands::{exercise_asked_for, exercise_number, subcommand, switch};
use crate::draw::terminal::Screen;
use crate::exercise::build::ExerciseFile;
use crate::exercise::files::PracticeFiles;
use crate::process::interrupt::{self, Stopped};

/// How many lines around a change are shown.
const AROUND: usize = 2;

/// The command line of `solution`.
pub fn command() -> Command {
    let anyway = switch("anyway").help("Shows it although your file has not passed its check.");
    subcommand("solution", "Shows how the solution differs from the starter, once yours passes.")
        .args([exercise_number(), anyway])
}

/// Shows the solution once the student's file passes, or `--anyway`. Fails when a file cannot be read or checked.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    let lab = exercise_asked_for(matches)?;
    let (files, number) = (PracticeFiles::of(lab.name()), lab.number());
    let (starter, solution) = (files.text("starter.rs")?, files.text("solution.rs")?);
    let mut screen = Screen::open();
    if !matches.get_flag("anyway") {
        let file = ExerciseFile { lab: lab.name(), solution: false };
        screen.announce(&building(file));
        let report = Check::of_file(lab, file)?.make(false, &mpsc::channel().0)?;
        if !report.result.is_pass() {
            let Verdict { name, sentence, .. } = report.result.finding.code.verdict();
            screen.say(&format!("Your file does not pass yet: {name}. {sentence}"));
            screen.print(&format!(
                "\n\
                 Why                   cargo run -- check {number}\n\
                 A hint                cargo run -- hint {number}\n\
                 See it all the same   cargo run -- solution {number} --anyway\n"
            ));
            screen.close()?;
            return Ok(ExitCode::FAILURE);
        }
    }
    let differs = diff(without_head(&starter), without_head(&solution));
    screen.print_heading(&format!("Exercise {number}, from the starter to the solution"));
    screen.print(&format!("\n{differs}"));
    screen.close()?;
    Ok(ExitCode::SUCCESS)
}

/// A file without the comments at its head, which say what it is and how to run it.
fn without_head(source: &str) -> &str {
    source.find("\n\n").map_or(source, |end| &source[end + 2..])
}

/// The changed lines with `-` and `+` in front and some unchanged ones around them; `…` where lines
/// are left out.
fn diff(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    for group in diff.grouped_ops(AROUND) {
        if group[0].old_range().start > 0 {
            text += "  …\n";
        }
        for change in group.iter().flat_map(|part| diff.iter_changes(part)) {
            text += format!("{} {}", change.tag(), change.value()).trim_end();
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shown_with_what_stands_around_them() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nb\nc\nd\nE\nf\ng\nh\ni\n";
        assert_eq!(diff(old, new), "  …\n  c\n  d\n- e\n+ E\n  f\n  g\n  h\n+ i\n");
        let long = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n";
        let changed = "A\nb\nc\nd\ne\nf\ng\nh\ni\nJ\n";
        assert_eq!(diff(long, changed), "- a\n+ A\n  b\n  c\n  …\n  h\n  i\n- j\n+ J\n");
        assert_eq!(diff(old, old), "");
    }
}
