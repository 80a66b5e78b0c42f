//! Waits until a file is saved.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::exercise::build::hash;
use crate::process::interrupt::{self, Stopped};

/// How often the file is looked at. std has no notice of changes.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

/// When a file was changed, and its length.
type Stamp = (SystemTime, u64);

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
