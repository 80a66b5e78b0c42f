//! What `mark` writes for other programs: which options ask for it, and the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, value_parser};
use socketlab::{Failure, printable};

use crate::check::telling::json::line;
use crate::commands::{must_be_writable, option, read, switch, write_file};
use crate::course::Lab;
use crate::draw::terminal::Screen;
use crate::mark::formats::{self, Filled};
use crate::mark::results::Mark;

/// How `--points` is written.
const POINTS: &str = "write the exercise and a whole number, such as 03=5";

const FILL: &str = "--fill needs --points COLUMN: the name of the column for the points";

/// Those that ask for a file, and its option.
fn file(name: &'static str, help: &'static str) -> Arg {
    option(name, "FILE").value_parser(value_parser!(PathBuf)).help(help)
}

/// The options that ask for an output.
pub fn options() -> Vec<Arg> {
    vec![
        option("points", "03=5").action(ArgAction::Append).help(
            "Counts an exercise for so many points; or, with --fill, the name of\n\
             the column for the points.",
        ),
        file(
            "comments",
            "Adds your own sentences to the feedback: lines `SERIAL: sentence`, or\n\
             `03 SERIAL: sentence` for one exercise.",
        ),
        file("csv", "Writes a row for each student, as Moodle's gradebook imports it."),
        option("identity", "COLUMN")
            .default_value("username")
            .value_parser(["username", "email", "idnumber"])
            .hide_possible_values(true)
            .help(
                "What the names of the folders are, for --csv: username, email or\n\
                 idnumber; by default username.",
            ),
        file("canvas", "Fills the gradebook that Canvas has exported."),
        file("fill", "Fills the --points COLUMN of a sheet that Moodle has exported."),
        option("feedback", "DIR")
            .value_parser(value_parser!(PathBuf))
            .help("Writes a Markdown file for each student."),
        file("junit", "Writes a JUnit report, for Jenkins and GitLab."),
        option("results", "GRADER")
            .value_parser(["gradescope", "prairielearn"])
            .hide_possible_values(true)
            .requires("output")
            .help(
                "Writes the results file of a grader that marks one student:\n\
                 gradescope or prairielearn.",
            ),
        file("output", "The file for --results."),
        switch("json").help("Prints the marks as lines of JSON, and nothing else."),
    ]
}

/// Looks whether the options fit together, and most files can be read and written, before a class is marked.
pub fn must_be_possible(matches: &ArgMatches) -> Result<(), Failure> {
    for name in ["csv", "junit", "output"] {
        if let Some(file) = matches.get_one::<PathBuf>(name) {
            must_be_writable(file, &format!("--{name}"))?;
        }
    }
    for name in ["canvas", "fill", "comments"] {
        matches.get_one::<PathBuf>(name).map(|file| read(file)).transpose()?;
    }
    comments(matches)?;
    if let Some(text) = values(matches, "points").find(|text| !text.contains('=')) {
        if !matches.contains_id("fill") {
            return Err(Failure::new(format!(
                "--points {text}: {POINTS}, or --fill SHEET with it"
            )));
        }
    }
    if matches.contains_id("fill") && values(matches, "points").all(|text| text.contains('=')) {
        return Err(Failure::new(FILL));
    }
    rescaled(matches, Vec::new()).map(drop)
}

/// The marks with the points that the exercises count for. Points stay whole numbers: a share is rounded.
pub fn rescaled(matches: &ArgMatches, mut marks: Vec<Mark>) -> Result<Vec<Mark>, Failure> {
    for text in values(matches, "points").filter(|text| text.contains('=')) {
        let (number, points) = text.split_once('=').unwrap_or_default();
        let lab = Lab::parse(number).map_err(|why| Failure::new(format!("--points {text}: {why}")));
        let (lab, most) = (lab?, points.parse::<u32>().map(u64::from));
        let most = most.map_err(|_| Failure::new(format!("--points {text}: {POINTS}")))?;
        for mark in marks.iter_mut().filter(|mark| mark.exercise == lab.number() && mark.most > 0) {
            mark.points = (mark.points * most * 2 + mark.most) / (mark.most * 2);
            mark.most = most;
        }
    }
    Ok(marks)
}

fn values<'a>(matches: &'a ArgMatches, name: &str) -> impl Iterator<Item = &'a String> {
    matches.get_many::<String>(name).into_iter().flatten()
}

fn comments(matches: &ArgMatches) -> Result<BTreeMap<String, String>, Failure> {
    let text = matches.get_one::<PathBuf>("comments").map(|file| read(file)).transpose()?;
    formats::comments(&text.unwrap_or_default())
}

/// Writes what was asked for. Fails when a file cannot be written, or has no such column.
pub fn write(matches: &ArgMatches, marks: &[Mark], screen: &mut Screen) -> Result<(), Failure> {
    let path = |name: &str| matches.get_one::<PathBuf>(name);
    if let Some(file) = path("csv") {
        let identity = matches.get_one::<String>("identity").map_or("username", String::as_str);
        if marks.iter().any(|mark| mark.student.contains("_assignsubmission_")) {
            screen.say(&format!(
                "--csv: these folders are named by Moodle, not by {identity}, and an import would not find \
                 them. Use --fill with the worksheet that Moodle exports."
            ));
        }
        write_file(file, &formats::csv(marks, identity), "--csv")?;
    }
    if let Some(file) = path("canvas") {
        let filled = formats::fill_canvas(&read(file)?, marks)?;
        tell_untouched(&filled, file, screen);
        write_file(file, &filled.text, "--canvas")?;
    }
    if let Some(file) = path("fill") {
        let column = values(matches, "points").find(|text| !text.contains('='));
        let column = column.ok_or_else(|| Failure::new(FILL))?;
        let filled = formats::fill_sheet(&read(file)?, marks, column)?;
        tell_untouched(&filled, file, screen);
        write_file(file, &filled.text, "--fill")?;
    }
    if let Some(file) = path("junit") {
        write_file(file, &formats::junit(marks), "--junit")?;
    }
    if let Some(folder) = path("feedback") {
        let comments = comments(matches)?;
        let mut students: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
        for mark in marks {
            students.entry(&mark.student).or_default().push(mark.clone());
        }
        for (student, marks) in students {
            let file = folder.join(format!("{}.md", file_name(student)));
            write_file(&file, &formats::feedback(&marks, &comments), "--feedback")?;
        }
    }
    if let (Some(grader), Some(file)) = (matches.get_one::<String>("results"), path("output")) {
        let text = match grader.as_str() {
            "gradescope" => formats::gradescope(marks)?,
            _ => formats::prairielearn(marks)?,
        };
        write_file(file, &text, "--output")?;
    }
    Ok(())
}

/// The marks as lines of JSON. Everything that a terminal obeys is escaped.
pub fn json(marks: &[Mark]) -> String {
    marks.iter().map(|mark| line(&mark.json()) + "\n").collect()
}

/// A student's name as the name of a file: the folder's own, without what leads elsewhere.
fn file_name(student: &str) -> String {
    student.chars().map(|c| if c.is_control() || "/\\:".contains(c) { '_' } else { c }).collect()
}

fn tell_untouched(filled: &Filled, file: &Path, screen: &mut Screen) {
    let file = file.display();
    if !filled.students.is_empty() {
        let students = printable(&filled.students.join(", ")).to_string();
        screen.say(&format!(
            "{file}: nothing was filled in for {students}. The sheet has no row for this student, or \
             several rows; or the exercise was not marked."
        ));
    }
    for exercise in &filled.exercises {
        screen.say(&format!(
            "{file} has no column for exercise {exercise}: its title must have {exercise} in it"
        ));
    }
    for most in &filled.other_points {
        screen.say(&format!("{file}: {}", printable(most)));
    }
}
