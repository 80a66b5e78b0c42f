//! The files of an exercise: its starter, the student's version of it, the solution, the hints.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use socketlab::{Failure, reason};

use crate::exercise::build::hash;
use crate::process::examples::{package_folder, profile_folder};
use crate::process::interrupt::{self, Stopped};

/// How many files of a student's are kept at the most.
const MAX_KEPT: usize = 1000;

/// How often the file is looked at. std has no notice of changes.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// When a file was changed, and its length.
type Stamp = (SystemTime, u64);

/// The files of one exercise.
#[derive(Debug)]
pub struct PracticeFiles {
    name: &'static str,
    lab: PathBuf,
}

/// A file of the kit that its students' edition does not have.
pub fn kept_by_lecturer(name: &str) -> Failure {
    Failure::new(format!("the students' edition of the kit has no {name}: your lecturer has it"))
}

impl PracticeFiles {
    /// Those of the lab with this name.
    pub fn of(name: &'static str) -> Self {
        Self { name, lab: package_folder().join("labs").join(name) }
    }

    /// One of its texts, with the ends of lines of Unix: `starter.rs` as it was handed out, `solution.rs`, `hints.txt`.
    /// Fails also when this program is not in a checkout: the files would be those of another one.
    pub fn text(&self, name: &str) -> Result<String, Failure> {
        profile_folder()?;
        let file = self.lab.join(name);
        let text = fs::read_to_string(&file).map_err(|error| match (name, error.kind()) {
            ("solution.rs" | "hints.txt", ErrorKind::NotFound) => kept_by_lecturer(name),
            _ => trouble(&file, "read", &error),
        })?;
        Ok(text.replace("\r\n", "\n"))
    }

    /// Whether the kit has the solution: the students' edition has none.
    pub fn has_solution(&self) -> bool {
        self.lab.join("solution.rs").exists()
    }

    /// The hints, the last of which is nearly the answer.
    pub fn hints(&self) -> Result<Vec<String>, Failure> {
        Ok(self.text("hints.txt")?.split("\n---\n").map(|hint| hint.trim().to_owned()).collect())
    }

    /// Counts one more hint. Returns how many have been asked for with this one, and whether that was written down.
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
        let starter = self.text("starter.rs");
        matches!((own, starter), (Ok(own), Ok(starter)) if is_starter(&own, &starter))
    }

    /// Remembers that contents with this [`hash`] pass. Where that cannot be written, they have to be checked again.
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

    /// Puts the starter back; the student's file is kept beside it, and its new name returned. Nothing happens when it
    /// is the starter. Fails when one of the two cannot be written; then the student's file is as it was.
    pub fn reset(&self) -> Result<Option<String>, Failure> {
        let file = self.lab.join("practice.rs");
        let own = match fs::metadata(&file) {
            Ok(about) if !about.is_file() => {
                let file = file.display();
                return Err(Failure::new(format!("{file} is not a file: move it away first")));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            _ => Some(fs::read(&file).map_err(|error| trouble(&file, "read", &error))?),
        };
        let starter = self.text("starter.rs")?;
        if own.as_ref().is_some_and(|own| is_starter(own, &starter)) {
            return Ok(None);
        }
        let new = self.lab.join("practice.rs.new");
        let replace = || {
            // The starter is written first, under another name: what can fail for want of room fails here.
            fs::write(&new, starter).map_err(|error| trouble(&new, "written", &error))?;
            let kept = own.map(|own| keep(&file, &own)).transpose()?;
            fs::rename(&new, &file).map_err(|error| {
                let kept = kept.iter().map(|name| file.with_file_name(name));
                kept.for_each(|kept| drop(fs::remove_file(kept)));
                trouble(&file, "written", &error)
            })?;
            Ok(kept)
        };
        let kept = replace().inspect_err(|_: &Failure| drop(fs::remove_file(&new)))?;
        Ok(Some(kept.map_or_else(String::new, |name| format!("labs/{}/{name}", self.name))))
    }
}

/// Writes the student's file under a name that nothing has yet, and returns that name.
fn keep(file: &Path, own: &[u8]) -> Result<String, Failure> {
    for number in 1..=MAX_KEPT {
        let name = format!("practice.rs.kept-{number}");
        let copy = file.with_file_name(&name);
        let written = match fs::File::create_new(&copy) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => Err(error),
            Ok(mut new) => new.write_all(own).inspect_err(|_| drop(fs::remove_file(&copy))),
        };
        return written.map(|()| name).map_err(|error| trouble(&copy, "written", &error));
    }
    let file = file.display();
    Err(Failure::new(format!(
        "{MAX_KEPT} versions of {file} are kept already: delete some of them"
    )))
}

/// A file, and the version of it that was looked at last.
#[derive(Debug)]
pub struct SavedFile {
    file: PathBuf,
    seen: Option<Stamp>,
}

impl SavedFile {
    /// A file of which this version is known, by its [`hash`].
    pub fn known(file: PathBuf, contents: &str) -> Self {
        // In this order: what is saved between the two has another time later.
        let seen = stamp(&file);
        let is_known = fs::read(&file).is_ok_and(|bytes| hash(&bytes) == contents);
        Self { file, seen: seen.filter(|_| is_known) }
    }

    /// Waits until another version is there, or the same one has been saved again. Fails at Ctrl-C.
    pub fn wait(&self) -> Result<(), Stopped> {
        loop {
            // An editor may delete the file before it writes the new one.
            if stamp(&self.file).is_some_and(|now| self.seen != Some(now)) {
                return Ok(());
            }
            interrupt::sleep(LOOK_INTERVAL);
            interrupt::go_on()?;
        }
    }
}

fn stamp(file: &PathBuf) -> Option<Stamp> {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// Git may have given the lines of a text other ends.
fn is_starter(own: &[u8], starter: &str) -> bool {
    String::from_utf8_lossy(own).replace("\r\n", "\n") == starter
}

fn trouble(file: &Path, done: &str, error: &io::Error) -> Failure {
    let (file, reason) = (file.display(), reason(error));
    Failure::new(format!("{file} cannot be {done} ({reason}): check that it is there and yours"))
}
