//! Finding what a class has handed in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use socketlab::{Failure, reason};

use crate::course::{LABS, Lab};
use crate::exercise::files::PracticeFiles;
use crate::mark::programs::without_comments;

/// How deep a student's folder is searched: exports have folders within folders.
const DEPTH: usize = 8;

/// A file larger than this is not built: 1 MiB. The longest solution has 8 KiB.
const LARGEST: u64 = 1024 * 1024;

/// How many files of a folder without a hand-in are named.
const MOST_NAMES: usize = 3;

/// How files of the class's folder end that no student has handed in.
const LECTURERS: [&str; 5] = ["csv", "json", "jsonl", "md", "xml"];

/// One file of one student.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandIn {
    /// The name of the student's folder, or of the file without its ending.
    pub student: String,
    /// The number of the exercise.
    pub exercise: &'static str,
    /// The file.
    pub file: PathBuf,
    /// What is in it.
    pub contents: Contents,
    /// The student's other files that may have been meant.
    pub others: Vec<PathBuf>,
}

/// What is in a hand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// A program in Rust.
    Rust(Vec<u8>),
    /// The starter, as it was handed out: nothing was changed but comments and white space.
    Starter,
    /// The command line of a program in another language.
    Command(String),
    /// Nothing that can be marked, for this reason. It is the student's.
    Unusable(String),
    /// A command or a file that the lecturer has to mend, for this reason.
    Unclear(String),
}

/// What a class has handed in.
#[derive(Debug, Default)]
pub struct Class {
    /// In the order of students and exercises.
    pub hand_ins: Vec<HandIn>,
    /// The folders and files in which nothing was found, and why.
    pub left_out: Vec<(String, String)>,
    candidates: Vec<Candidate>,
}

/// A file that may be the one that counts. The greatest does.
#[derive(Debug)]
struct Candidate {
    /// The same for all files of a student.
    owner: String,
    hand_in: HandIn,
    /// How surely its name says that it is the exercise; whether anything was done in it; how new it is.
    rank: (u8, bool, SystemTime),
}

impl Contents {
    /// What is in this file, for this exercise.
    fn of(file: &Path, exercise: &str) -> Self {
        Self::read(file, exercise).unwrap_or_else(|error| {
            let why = reason(&error);
            Self::Unclear(format!("{} cannot be read ({why})", file.display()))
        })
    }

    fn read(file: &Path, exercise: &str) -> io::Result<Self> {
        let about = fs::symlink_metadata(file)?;
        if !about.is_file() {
            let why = "It is not a file, but a folder, a link or a pipe.";
            return Ok(Self::Unusable(why.to_owned()));
        }
        if about.len() > LARGEST {
            return Ok(Self::Unusable(format!("It is larger than {LARGEST} bytes.")));
        }
        let bytes = fs::read(file)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if has_ending(file, &["rs"]) {
            let is_starter = starter(exercise)
                .is_some_and(|it| without_comments(&it) == without_comments(&text));
            return Ok(if is_starter { Self::Starter } else { Self::Rust(bytes) });
        }
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        Ok(match (lines.next(), lines.next()) {
            (Some(line), None) if line.contains("{port}") => Self::Command(line.trim().to_owned()),
            _ => Self::Unclear(format!(
                "{} must be one line, the command, with {{port}} in it",
                file.display()
            )),
        })
    }
}

/// The exercise that a program's first lines name, as the starters' do: `cargo run --example 03_practice`.
pub fn exercise_in_head(text: &str) -> Option<&'static str> {
    let head = text.lines().take_while(|line| line.starts_with("//"));
    let named = head.filter_map(|line| line.split_once("--example ")).map(|(_, name)| name);
    let mut labs = named.filter_map(|name| LABS.iter().find(|lab| name.starts_with(lab.number())));
    labs.next().map(Lab::number)
}

fn starter(exercise: &str) -> Option<String> {
    let lab = LABS.iter().find(|lab| lab.number() == exercise)?;
    PracticeFiles::of(lab.name()).text("starter.rs").ok()
}

/// What the class in this folder has handed in: of one exercise, or of all. Of a student's files for an exercise, the
/// one counts whose name says most surely that it is the exercise, then one that is not the starter, then the newest.
/// Fails when the folder cannot be read.
pub fn find(folder: &Path, exercise: Option<&'static str>) -> Result<Class, Failure> {
    let mut class = Class::default();
    add_class(folder, exercise, &mut class)?;
    let mut candidates = std::mem::take(&mut class.candidates);
    let key =
        |it: &Candidate| (it.owner.clone(), it.hand_in.exercise, it.rank, it.hand_in.file.clone());
    candidates.sort_by_key(|it| std::cmp::Reverse(key(it)));
    let is_same = |one: &Candidate, other: &Candidate| {
        (&one.owner, one.hand_in.exercise) == (&other.owner, other.hand_in.exercise)
    };
    for same in candidates.chunk_by(is_same) {
        let mut best = same[0].hand_in.clone();
        let others = same[1..].iter().filter(|other| other.rank.0 == same[0].rank.0);
        best.others = others.map(|other| other.hand_in.file.clone()).collect();
        class.hand_ins.push(best);
    }
    class
        .hand_ins
        .sort_by(|one, other| (&one.student, one.exercise).cmp(&(&other.student, other.exercise)));
    class.left_out.sort();
    Ok(class)
}

/// Adds what is in a class's folder, or in that of one exercise below it.
fn add_class(
    folder: &Path,
    exercise: Option<&'static str>,
    class: &mut Class,
) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| {
        let why = reason(&error);
        Failure::new(format!(
            "{} cannot be read ({why}): name the class's folder",
            folder.display()
        ))
    })?;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if is_hidden(&name) {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            let of_folder = LABS.iter().map(Lab::number).find(|number| *number == name);
            match of_folder.filter(|it| exercise.is_none_or(|only| only == *it)) {
                Some(number) => add_class(&path, Some(number), class)?,
                None if of_folder.is_some() => {}
                None => add_student(&path, name, exercise, class),
            }
        } else if let Some(number) = exercise.filter(|_| is_program(&path)) {
            add_file(owner(&stem), stem, number, path, 1, class);
        } else if is_program(&path) {
            class.left_out.push((name, "say which exercise it is of: mark NN".to_owned()));
        } else if !has_ending(&path, &LECTURERS) {
            class.left_out.push((name, "not a program in Rust, and no .cmd".to_owned()));
        }
    }
    Ok(())
}

/// Adds what is in a student's folder.
fn add_student(folder: &Path, student: String, exercise: Option<&'static str>, class: &mut Class) {
    let before = class.candidates.len();
    let mut names = Vec::new();
    search(folder, &student, exercise, DEPTH, &mut names, class);
    if class.candidates.len() == before {
        names.sort();
        let more = if names.len() > MOST_NAMES { ", …" } else { "" };
        names.truncate(MOST_NAMES);
        let only = format!("only {}{more}", names.join(", "));
        class.left_out.push((student, if names.is_empty() { "empty".to_owned() } else { only }));
    }
}

/// Searches a student's folder; `names` are those of all files.
fn search(
    folder: &Path,
    student: &str,
    exercise: Option<&'static str>,
    depth: usize,
    names: &mut Vec<String>,
    class: &mut Class,
) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if is_hidden(&name) || name == "target" {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            if depth > 1 {
                search(&path, student, exercise, depth - 1, names, class);
            }
            continue;
        }
        names.push(name);
        if !is_program(&path) || is_of_kit(&path) {
            continue;
        }
        match (exercise_of(&path), exercise) {
            (Some(number), only) if only.is_none_or(|only| only == number) => {
                add_file(student.to_owned(), student.to_owned(), number, path, 3, class);
            }
            (None, Some(number)) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
                let has = |words: &[&str]| words.iter().any(|word| stem.contains(word));
                let sure = match stem.contains("client") {
                    true => 0,
                    false => 1 + u8::from(has(&["practice", "server", "main"])),
                };
                add_file(student.to_owned(), student.to_owned(), number, path, sure, class);
            }
            _ => {}
        }
    }
}

fn add_file(
    owner: String,
    student: String,
    exercise: &'static str,
    file: PathBuf,
    sure: u8,
    class: &mut Class,
) {
    let about = fs::symlink_metadata(&file);
    let time = about.and_then(|it| it.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let contents = Contents::of(&file, exercise);
    let is_started = contents != Contents::Starter;
    let hand_in = HandIn { student, exercise, file, contents, others: Vec::new() };
    class.candidates.push(Candidate { owner, hand_in, rank: (sure, is_started, time) });
}

/// Whose file in the class's folder this is: Canvas names downloads `NAME_ID_NUMBER_FILE` or
/// `NAME_LATE_ID_NUMBER_FILE`, with another number for each attempt.
fn owner(student: &str) -> String {
    let parts: Vec<&str> = student.split('_').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
    match parts.iter().position(is_number) {
        Some(id @ 1..) if parts.get(id + 1).is_some_and(is_number) && parts.len() > id + 2 => parts
            [..=id]
            .iter()
            .filter(|part| **part != "LATE")
            .copied()
            .collect::<Vec<_>>()
            .join("_"),
        _ => student.to_owned(),
    }
}

/// What systems put beside a student's files.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name == "__MACOSX"
}

fn is_program(path: &Path) -> bool {
    has_ending(path, &["rs", "cmd"])
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.iter().any(|ending| it.eq_ignore_ascii_case(ending)))
}

/// Whether it is one of the kit's own files, in a student's checkout.
fn is_of_kit(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    matches!(name, "starter.rs" | "solution.rs" | "practice_client.rs")
}

/// The exercise that a file is of by its name: `03.rs`, `03_practice.rs`, `lab3.rs`, `03.cmd`, or `practice.rs` in the
/// folder of a lab.
fn exercise_of(path: &Path) -> Option<&'static str> {
    let stem = path.file_stem()?.to_str()?.to_lowercase();
    let folder = path.parent()?.file_name()?.to_str()?;
    let words = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = stem[words.len()..].parse::<usize>().ok();
    let word = words.trim_end_matches(['_', '-', ' ']);
    let says = ["", "lab", "exercise", "ex", "task"].contains(&word);
    LABS.iter().find_map(|lab| {
        let own = lab.number();
        let by_number = says && number.is_some() && number == own.parse().ok();
        let is_own = by_number
            || stem == format!("{own}_practice")
            || (stem == "practice" && folder == lab.name());
        is_own.then_some(own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_exercise_and_the_owner() {
        for (path, wanted) in [
            ("s/03.rs", Some("03")),
            ("s/3.rs", Some("03")),
            ("s/Lab_3.RS", Some("03")),
            ("s/exercise-11.rs", Some("11")),
            ("s/03_practice.cmd", Some("03")),
            ("s/labs/07_locked_reverse/practice.rs", Some("07")),
            ("s/practice-1.rs", None),
            ("s/practice (1).rs", None),
            ("s/server3.rs", None),
            ("s/12.rs", None),
        ] {
            assert_eq!(exercise_of(Path::new(path)), wanted, "{path}");
        }
        let first = owner("smithbob_15_36_practice");
        assert_eq!(first, owner("smithbob_LATE_15_37_practice-1"));
        assert_ne!(first, owner("smithbob_16_36_practice"));
        assert_eq!(owner("A B_12_assignsubmission_file"), "A B_12_assignsubmission_file");
        let head = "//! Practice 03\n//!     cargo run --example 03_practice\nuse x;";
        assert_eq!(exercise_in_head(head), Some("03"));
    }
}
