//! A copy of the kit, in which a student can break things.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::json::{Json, Strict};
use super::{root, scratch, texts};
use assistant::process::program::Program;

/// How long anything may take here: the first build of the copy builds everything.
pub const KIT_TIMEOUT: Duration = Duration::from_secs(180);

/// There is one copy, so that its libraries are built once; one test at a time has it.
static TAKEN: Mutex<()> = Mutex::new(());

/// The copy; exercise 01 is the starter.
pub struct Kit {
    pub folder: PathBuf,
    _taken: MutexGuard<'static, ()>,
}

impl Kit {
    pub fn copy() -> Self {
        let taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = scratch("kit");
        for part in ["src", "labs", "examples", "tests"] {
            let _ = fs::remove_dir_all(folder.join(part));
            copy_all(&root().join(part), &folder.join(part));
        }
        for file in ["Cargo.toml", "Cargo.lock"] {
            fs::copy(root().join(file), folder.join(file)).unwrap();
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

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
