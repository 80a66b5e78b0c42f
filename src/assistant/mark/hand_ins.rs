//! Finding what a class has handed in.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use socketlab::{Failure, reason};

use crate::course::LABS;

/// How deep a student's folder is searched: exports have folders within folders.
const DEPTH: usize = 5;

/// A file larger than this is not built: 1 MiB. The longest solution has 8 KiB.
const LARGEST: u64 = 1024 * 1024;

/// One file of one student.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandIn {
    /// The name of the student's folder, or of the file without its ending.
    pub student: String,
    /// The number of the exercise.
    pub exercise: &'static str,
    /// The file.
    pub file: PathBuf,
}

/// What is in a hand-in.
#[derive(Debug, PartialEq, Eq)]
pub enum Contents {
    /// A program in Rust.
    Rust(Vec<u8>),
    /// The command line of a program in another language.
    Command(String),
    /// Nothing that can be marked, for this reason. It is the student's.
    Unusable(String),
}

impl HandIn {
    /// What is in it. Fails when the system does not let it be read.
    pub fn contents(&self) -> Result<Contents, Failure> {
        let about = fs::symlink_metadata(&self.file).map_err(|error| self.unread(&error))?;
        if !about.is_file() {
            return Ok(Contents::Unusable(
                "It is not a file, but a folder, a link or a pipe.".into(),
            ));
        }
        if about.len() > LARGEST {
            return Ok(Contents::Unusable(format!("It is larger than {LARGEST} bytes.")));
        }
        let bytes = fs::read(&self.file).map_err(|error| self.unread(&error))?;
        if self.file.extension().is_some_and(|ending| ending == "rs") {
            return Ok(Contents::Rust(bytes));
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        Ok(match (lines.next(), lines.next()) {
            (Some(line), None) if line.contains("{port}") => {
                Contents::Command(line.trim().to_owned())
            }
            _ => Contents::Unusable("It must be one line, the command, with {port} in it.".into()),
        })
    }

    fn unread(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{} cannot be read ({})", self.file.display(), reason(error)))
    }
}

/// What the class in this folder has handed in: of one exercise, or of all. In the order of students and exercises; the
/// newest file of a student counts. Fails when the folder cannot be read.
pub fn find(class: &Path, exercise: Option<&'static str>) -> Result<Vec<HandIn>, Failure> {
    let entries = fs::read_dir(class).map_err(|error| {
        let why = reason(&error);
        Failure::new(format!("{} cannot be read ({why}): name the class's folder", class.display()))
    })?;
    let mut found: Vec<(HandIn, SystemTime)> = Vec::new();
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() && !path.is_symlink() {
            search(&path, &name, exercise, DEPTH, &mut found);
        } else if let Some(number) = exercise.filter(|_| is_program(&path)) {
            let student = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            add(&mut found, HandIn { student, exercise: number, file: path });
        }
    }
    let mut found: Vec<HandIn> = found.into_iter().map(|(hand_in, _)| hand_in).collect();
    found.sort_by(|one, other| (&one.student, one.exercise).cmp(&(&other.student, other.exercise)));
    Ok(found)
}

/// The folders of the class in which nothing was found.
pub fn without(class: &Path, found: &[HandIn]) -> Vec<String> {
    let entries = fs::read_dir(class).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let has_none = |name: &String| !found.iter().any(|hand_in| hand_in.student == *name);
    let mut names: Vec<String> = names.filter(has_none).collect();
    names.sort();
    names
}

/// Searches a student's folder.
fn search(
    folder: &Path,
    student: &str,
    exercise: Option<&'static str>,
    depth: usize,
    found: &mut Vec<(HandIn, SystemTime)>,
) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let is_folder = path.is_dir() && !path.is_symlink();
        if is_folder && depth > 1 && name != "target" && !name.to_string_lossy().starts_with('.') {
            search(&path, student, exercise, depth - 1, found);
        }
        let number = exercise_of(&path).or(exercise.filter(|_| is_program(&path)));
        if let Some(number) = number.filter(|number| exercise.is_none_or(|only| only == *number)) {
            add(found, HandIn { student: student.to_owned(), exercise: number, file: path });
        }
    }
}

fn is_program(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "rs" || ending == "cmd")
}

/// The exercise that a file is of by its name: `03.rs`, `03_practice.rs`, `03.cmd`, or `practice.rs` in the folder of a
/// lab. The kit's other files are of none.
fn exercise_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?.file_name()?.to_str()?;
    LABS.iter().map(|lab| (lab.number(), lab.name())).find_map(|(number, lab)| {
        let rest = name.strip_prefix(number).unwrap_or_default();
        let is_own = matches!(rest, ".rs" | ".cmd" | "_practice.rs" | "_practice.cmd");
        (is_own || (name == "practice.rs" && folder == lab)).then_some(number)
    })
}

/// Adds a file, unless a newer one of the same student and exercise is there. A file that is named after its exercise
/// counts before one that is not.
fn add(found: &mut Vec<(HandIn, SystemTime)>, hand_in: HandIn) {
    let of_kit = |file: &Path| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        matches!(name, "starter.rs" | "solution.rs" | "practice_client.rs")
    };
    if of_kit(&hand_in.file) {
        return;
    }
    let time = fs::symlink_metadata(&hand_in.file).and_then(|about| about.modified());
    let time = time.unwrap_or(SystemTime::UNIX_EPOCH);
    let rank = |hand_in: &HandIn, time: SystemTime| (exercise_of(&hand_in.file).is_some(), time);
    let same = |(it, _): &(HandIn, SystemTime)| {
        (&it.student, it.exercise) == (&hand_in.student, hand_in.exercise)
    };
    match found.iter_mut().find(|it| same(it)) {
        Some((before, at)) if rank(before, *at) < rank(&hand_in, time) => {
            (*before, *at) = (hand_in, time);
        }
        Some(_) => {}
        None => found.push((hand_in, time)),
    }
}
