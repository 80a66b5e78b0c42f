//! A copy of the kit, in which a student can break things.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::json::{Json, Strict};
use super::{root, scratch, texts};
use assistant::process::program::Program;

/// How long anything may take here: the first build of the copy builds everything.
pub const KIT_TIMEOUT: Duration = Duration::from_secs(180);

/// The copies: few, so that their libraries are built few times. One test at a time has each.
static COPIES: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];

/// How many tests have asked for a copy.
static ASKED: AtomicUsize = AtomicUsize::new(0);

/// A copy; exercise 01 is the starter.
pub struct Kit {
    pub folder: PathBuf,
    _taken: MutexGuard<'static, ()>,
}

impl Kit {
    pub fn copy() -> Self {
        let number = ASKED.fetch_add(1, Ordering::Relaxed) % COPIES.len();
        let taken = COPIES[number].lock().unwrap_or_else(PoisonError::into_inner);
        let folder = scratch(&format!("kit-{number}"));
        for part in ["src", "labs", "examples", "tests", "Cargo.toml", "Cargo.lock"] {
            mirror(&root().join(part), &folder.join(part));
        }
        // The assistant builds into the folder that it stands in.
        let kit = Self { folder, _taken: taken };
        fs::create_dir_all(kit.executable().parent().unwrap()).unwrap();
        // A link: what is being written cannot be run, and a process that another test starts at this
        // moment would hold the copy open for writing.
        let _ = fs::remove_file(kit.executable());
        fs::hard_link(super::assistant_program(), kit.executable()).unwrap();
        let _ = fs::remove_file(kit.folder.join("target/debug/hints-given-01"));
        let _ = fs::remove_dir(kit.folder.join("target/debug/hints-given-01"));
        // Whoever runs this may have begun the exercise.
        fs::write(kit.practice(), kit.starter()).unwrap();
        kit
    }

    pub fn executable(&self) -> PathBuf {
        self.folder.join("target/debug/socketlab").with_extension(std::env::consts::EXE_EXTENSION)
    }

    pub fn practice(&self) -> PathBuf {
        self.folder.join("labs/01_blocking_upper/practice.rs")
    }

    pub fn starter(&self) -> String {
        fs::read_to_string(self.folder.join("labs/01_blocking_upper/starter.rs")).unwrap()
    }

    pub fn solution(&self) -> String {
        fs::read_to_string(self.folder.join("labs/01_blocking_upper/solution.rs")).unwrap()
    }

    /// The names of the versions of exercise 01 that `reset` has kept.
    pub fn kept(&self) -> Vec<String> {
        let files = fs::read_dir(self.practice().parent().unwrap()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("practice.rs.")).collect()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.executable());
        command.args(args).current_dir(&self.folder).env("CARGO_MANIFEST_DIR", &self.folder);
        command.env_remove("COLUMNS");
        command
    }

    pub fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let (status, text, _) = finish(&mut self.command(args));
        (status, text)
    }

    /// The verdict on exercise 01, and the whole line.
    pub fn verdict(&self) -> (String, Json) {
        let (_, text) = self.run(&["check", "01", "--json"]);
        let line = Json::read(&text);
        (line.at("verdict").text(), line)
    }
}

/// Runs a command to its end; returns its status, its lines and its errors.
pub fn finish(command: &mut Command) -> (Option<i32>, String, String) {
    let mut program = Program::start(command).unwrap();
    let status = program.wait_for_end(KIT_TIMEOUT).unwrap_or_else(|gave_up| panic!("{gave_up}"));
    let printed = program.printed();
    let errors = printed.errors();
    assert!(!errors.contains("panicked"), "{errors}");
    (status.code(), texts(&printed).join("\n"), errors)
}

/// Makes `to` what `from` is. A file that is the same already keeps its time, so that cargo builds only what was changed.
fn mirror(from: &Path, to: &Path) {
    let is_folder = from.is_dir();
    let there = fs::symlink_metadata(to).map(|there| there.file_type());
    let is_same_kind =
        |there: fs::FileType| if is_folder { there.is_dir() } else { there.is_file() };
    match there {
        Ok(there) if is_same_kind(there) => {}
        Ok(there) if there.is_dir() => fs::remove_dir_all(to).unwrap(),
        Ok(_) => fs::remove_file(to).unwrap(),
        Err(_) => {}
    }
    if !is_folder {
        let text = fs::read(from).unwrap();
        if fs::read(to).ok().as_ref() != Some(&text) {
            fs::write(to, text).unwrap();
        }
        return;
    }
    fs::create_dir_all(to).unwrap();
    let names = |folder: &Path| -> BTreeSet<OsString> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    let wanted = names(from);
    for name in names(to).union(&wanted) {
        let to = to.join(name);
        if wanted.contains(name) {
            mirror(&from.join(name), &to);
        } else if to.is_dir() {
            fs::remove_dir_all(to).unwrap();
        } else {
            fs::remove_file(to).unwrap();
        }
    }
}
