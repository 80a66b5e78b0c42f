//! The files of an exercise: its starter, the student's version of it, the solution, the hints.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use socketlab::{Failure, reason};

use crate::exercise::build::hash;
use crate::process::examples::{package_folder, profile_folder};

/// How many files of a student's are kept at the most.
const MAX_KEPT: usize = 1000;

/// The files of one exercise.
#[derive(Debug)]
pub struct PracticeFiles {
    name: &'static str,
    lab: PathBuf,
}

impl PracticeFiles {
    /// Those of the lab with this name.
    pub fn of(name: &'static str) -> Self {
        Self { name, lab: package_folder().join("labs").join(name) }
    }

    /// The name of the student's file in the package, for people.
    pub fn practice(&self) -> String {
        format!("labs/{}/practice.rs", self.name)
    }

    /// The starter as it was handed out.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn starter(&self) -> Result<String, Failure> {
        read(&self.lab.join("starter.rs"))
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

    /// Counts one more hint. Returns how many have been asked for, this one included, and why that
    /// was not written down, if it was not.
    pub fn count_hint(&self) -> (usize, Result<(), Failure>) {
        // Beside the executable: `target/` holds no work of the student's, and is not tracked.
        let folder = profile_folder().unwrap_or_default();
        let file = folder.join(format!("hints-given-{}", &self.name[..2]));
        let given = fs::read_to_string(&file).unwrap_or_default().trim().parse().unwrap_or(0);
        let now: usize = usize::min(given, 99) + 1;
        let written = fs::write(&file, now.to_string());
        (now, written.map_err(|error| trouble(&file, "written", &error)))
    }

    /// Whether the student's file is the starter, unchanged.
    pub fn is_untouched(&self) -> bool {
        let own = fs::read(self.lab.join("practice.rs"));
        let starter = self.starter();
        matches!((own, starter), (Ok(own), Ok(starter)) if is_starter(&own, &starter))
    }

    /// Remembers that the student's file passes with these contents, given by their [`hash`]. Where
    /// that cannot be written, it has to be checked again.
    pub fn remember_pass(&self, contents: &str) {
        let _ = fs::write(self.memory(), contents);
    }

    /// Whether the student's file has passed as it is now.
    pub fn has_passed(&self) -> bool {
        let own = fs::read(self.lab.join("practice.rs")).map(|own| hash(&own));
        matches!((own, fs::read_to_string(self.memory())), (Ok(own), Ok(passed)) if own == passed)
    }

    /// Beside the executable, as the count of hints.
    fn memory(&self) -> PathBuf {
        profile_folder().unwrap_or_default().join(format!("passed-{}", self.name))
    }

    /// Puts the starter back; the student's file is kept beside it, and its new name returned.
    /// Nothing happens when it is the starter.
    ///
    /// # Errors
    /// When one of the two cannot be written. Then the student's file is as it was.
    pub fn reset(&self) -> Result<Option<String>, Failure> {
        let file = self.lab.join("practice.rs");
        let own = match fs::metadata(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Ok(about) if about.is_file() => {
                Some(fs::read(&file).map_err(|error| trouble(&file, "read", &error))?)
            }
            Ok(_) => {
                let file = file.display();
                return Err(Failure::new(format!("{file} is not a file: move it away first")));
            }
            Err(error) => return Err(trouble(&file, "read", &error)),
        };
        let starter = self.starter()?;
        if own.as_ref().is_some_and(|own| is_starter(own, &starter)) {
            return Ok(None);
        }
        // The starter is written first, under another name: what can fail for want of room fails here.
        let new = Temporary::write(self.lab.join("practice.rs.new"), starter.as_bytes())?;
        let kept = own.map(|own| keep(&file, &own)).transpose()?;
        if let Err(error) = fs::rename(&new.0, &file) {
            if let Some(kept) = kept {
                let _ = fs::remove_file(file.with_file_name(kept));
            }
            return Err(trouble(&file, "written", &error));
        }
        let folder = self.name;
        Ok(Some(kept.map_or_else(String::new, |name| format!("labs/{folder}/{name}"))))
    }
}

/// A file that is deleted again, unless it gets another name.
struct Temporary(PathBuf);

impl Temporary {
    fn write(file: PathBuf, bytes: &[u8]) -> Result<Self, Failure> {
        let new = Self(file);
        fs::write(&new.0, bytes).map_err(|error| trouble(&new.0, "written", &error))?;
        Ok(new)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes the student's file under a name that nothing has yet, and returns that name.
fn keep(file: &Path, own: &[u8]) -> Result<String, Failure> {
    for number in 1..=MAX_KEPT {
        let name = format!("practice.rs.kept-{number}");
        let copy = file.with_file_name(&name);
        match fs::File::create_new(&copy) {
            Ok(mut new) => {
                let written = new.write_all(own);
                return written.map(|()| name).map_err(|error| {
                    let _ = fs::remove_file(&copy);
                    trouble(&copy, "written", &error)
                });
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(trouble(&copy, "written", &error)),
        }
    }
    let file = file.display();
    Err(Failure::new(format!(
        "{MAX_KEPT} versions of {file} are kept already: delete some of them"
    )))
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).map_err(|error| trouble(file, "read", &error))?;
    Ok(text.replace("\r\n", "\n"))
}

fn is_starter(own: &[u8], starter: &str) -> bool {
    without_carriage_returns(own) == starter.as_bytes()
}

/// Git may have given the lines of a text other ends.
fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let is_kept =
        |(place, byte): &(usize, &u8)| **byte != b'\r' || bytes.get(place + 1) != Some(&b'\n');
    bytes.iter().enumerate().filter(is_kept).map(|(_, byte)| *byte).collect()
}

fn trouble(file: &Path, done: &str, error: &io::Error) -> Failure {
    let (file, reason) = (file.display(), reason(error));
    Failure::new(format!("{file} cannot be {done} ({reason}): check that it is there and yours"))
}
