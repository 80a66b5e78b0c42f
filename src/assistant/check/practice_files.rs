//! The files of an exercise: its starter, the student's version of it, the solution, the hints.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use socketlab::{Failure, reason};

use crate::assistant::course::LABS;
use crate::assistant::examples::{package_folder, profile_folder};

/// The starters as they were handed out. `practice.rs` cannot be included in their stead: it is the
/// file that the student changes.
const STARTERS: [&str; 7] = [
    include_str!("starters/01.rs"),
    include_str!("starters/02.rs"),
    include_str!("starters/03.rs"),
    include_str!("starters/04.rs"),
    include_str!("starters/05.rs"),
    include_str!("starters/06.rs"),
    include_str!("starters/07.rs"),
];

/// How many files of a student's are kept at the most.
const KEPT: usize = 1000;

/// The files of one exercise.
#[derive(Debug)]
pub struct PracticeFiles {
    number: usize,
    lab: PathBuf,
}

impl PracticeFiles {
    /// Those of the exercise with this number.
    pub fn of(number: usize) -> Self {
        Self { number, lab: package_folder().join("labs").join(LABS[number - 1].name) }
    }

    /// The name of the student's file in the package, for people.
    pub fn practice(&self) -> String {
        format!("labs/{}/practice.rs", LABS[self.number - 1].name)
    }

    /// The starter as it was handed out.
    pub fn starter(&self) -> &'static str {
        STARTERS[self.number - 1]
    }

    /// The solution.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn solution(&self) -> Result<String, Failure> {
        read(&self.lab.join("solution.rs"))
    }

    /// The hints, the last of which is nearly the answer.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn hints(&self) -> Result<Vec<String>, Failure> {
        let text = read(&self.lab.join("hints.txt"))?;
        Ok(text.split("\n---\n").map(|hint| hint.trim().to_owned()).collect())
    }

    /// Counts one more hint, and returns how many have been asked for, this one included.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn count_hint(&self) -> Result<usize, Failure> {
        // Beside the executable: `target/` is nobody's work, and not tracked.
        let file = profile_folder()?.join(format!("hints-given-{:02}", self.number));
        let given = fs::read_to_string(&file).unwrap_or_default().trim().parse().unwrap_or(0);
        let now: usize = usize::min(given, 99) + 1;
        fs::write(&file, now.to_string()).map_err(|error| trouble(&file, "written", &error))?;
        Ok(now)
    }

    /// Puts the starter back; the student's file is kept beside it, and its new name returned.
    /// Nothing happens when it is the starter.
    ///
    /// # Errors
    /// When one of the two cannot be written.
    pub fn reset(&self) -> Result<Option<String>, Failure> {
        let file = self.lab.join("practice.rs");
        let mut kept = None;
        if file.exists() {
            if read(&file)? == self.starter() {
                return Ok(None);
            }
            kept = Some(keep(&file)?);
        }
        fs::write(&file, self.starter()).map_err(|error| trouble(&file, "written", &error))?;
        let folder = LABS[self.number - 1].name;
        Ok(Some(kept.map_or_else(String::new, |name| format!("labs/{folder}/{name}"))))
    }
}

/// Copies a file to a name that nothing has yet, and returns that name.
fn keep(file: &Path) -> Result<String, Failure> {
    let bytes = fs::read(file).map_err(|error| trouble(file, "read", &error))?;
    for number in 1..=KEPT {
        let name = format!("practice.rs.kept-{number}");
        let copy = file.with_file_name(&name);
        match fs::File::create_new(&copy) {
            Ok(mut new) => {
                let written = io::Write::write_all(&mut new, &bytes);
                return written.map(|()| name).map_err(|error| trouble(&copy, "written", &error));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(trouble(&copy, "written", &error)),
        }
    }
    let file = file.display();
    Err(Failure::new(format!("{KEPT} versions of {file} are kept already: delete some of them")))
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).map_err(|error| trouble(file, "read", &error))?;
    Ok(text.replace("\r\n", "\n"))
}

fn trouble(file: &Path, done: &str, error: &io::Error) -> Failure {
    let (file, reason) = (file.display(), reason(error));
    Failure::new(format!("{file} cannot be {done} ({reason}): check that it is there and yours"))
}
