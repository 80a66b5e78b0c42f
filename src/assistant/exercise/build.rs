//! The file of an exercise, built: what is judged is what stands in it now.
//!
//! Cargo goes by time stamps: a file that is put in place with an older time (`cp -p`, `mv`, an
//! unpacked archive) is not built, and the program that was there before would be judged. So the
//! contents of what was built are remembered beside the executable, and a file whose executable is of
//! other contents, or of unknown ones, gets a new time.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use socketlab::{Failure, reason};

use crate::exercise::files::kept_by_lecturer;
use crate::process::cargo_build::{self, Build, Diagnostic, Executable};
use crate::process::examples::{Examples, package_folder, profile_folder};
use crate::process::interrupt::Stopped;
use crate::process::program::escaped;

/// How often a file is built that changes meanwhile.
const ATTEMPTS: usize = 8;

/// How many lines of the compiler's errors are shown.
const ERROR_LINES: usize = 60;

/// How many warnings are shown.
const WARNINGS: usize = 3;

/// How many lines of an error are shown that is not the student's.
const TROUBLE_LINES: usize = 12;

/// How much of such a line is shown: some hold a whole command.
const TROUBLE_WIDTH: usize = 160;

/// What cargo or the compiler says when the machine is the reason, and what to do then.
const REMEDIES: [(&str, &str); 6] = [
    (
        "linker `",
        "there is no linker: install a C compiler (Debian, Ubuntu: sudo apt install build-essential; \
         Fedora: sudo dnf install gcc; macOS: xcode-select --install)",
    ),
    ("linking with", "the linker has failed: install the C compiler again"),
    (
        "os error 24",
        "too few files may be open: open another terminal, or type ulimit -n 1024 first",
    ),
    ("No space left", "the disk is full: make room on it"),
    ("Cargo.toml", "Cargo.toml is not the kit's: git checkout Cargo.toml puts it back"),
    ("download", "a first build downloads two libraries: connect this machine to a network"),
];

/// A file of an exercise: the student's, or the solution.
#[derive(Debug, Clone, Copy)]
pub struct ExerciseFile {
    pub lab: &'static str,
    pub solution: bool,
}

/// A file that was built, or refused by the compiler.
#[derive(Debug)]
pub struct Built {
    /// A short hash of its contents ([`hash`]).
    pub contents: String,
    /// The executable; without one, the compiler's errors.
    pub program: Result<Examples, Vec<String>>,
    /// The compiler's warnings about the file.
    pub warnings: Vec<String>,
}

impl ExerciseFile {
    fn kind(self) -> &'static str {
        if self.solution { "solution" } else { "practice" }
    }

    /// The name of its example.
    pub fn example(self) -> String {
        format!("{}_{}", &self.lab[..2], self.kind())
    }

    /// Its place in the package, with `/` on every system.
    pub fn path(self) -> String {
        format!("labs/{}/{}.rs", self.lab, self.kind())
    }

    /// Builds it from its contents of this moment. Fails when it is not there, does not build for other reasons than
    /// its contents, or goes on changing, and at Ctrl-C.
    pub fn build(self) -> Result<Built, Stopped> {
        let profile = profile_folder()?;
        let file = package_folder().join(self.path());
        let memory = profile.join(format!("built-{}", self.example()));
        for _ in 0..ATTEMPTS {
            let now = self.read(&file)?;
            let build = cargo_build::build(&[&self.example()], &profile, false)?;
            let contents = hash(&now);
            let executable = build.executables.iter().find(|it| it.name == self.example());
            let memorandum = executable.and_then(|it| memorandum(&contents, it));
            let is_remembered =
                memorandum.is_some() && fs::read_to_string(&memory).ok() == memorandum;
            let program = match executable {
                None => Err(self.errors(&build)?),
                Some(old) if old.is_old && !is_remembered => {
                    self.touch(&file)?;
                    continue;
                }
                Some(executable) => Ok(Examples::copy(std::slice::from_ref(executable), &profile)?),
            };
            // If it has changed meanwhile, it cannot be told which version was built. Its time says
            // nothing: another check may have touched it.
            if self.read(&file)? == now {
                remember(&memory, memorandum);
                let warnings = self.diagnostics(&build, false).take(WARNINGS);
                let warnings = warnings.flat_map(|it| lines(&it.rendered)).collect();
                return Ok(Built { contents, program, warnings });
            }
        }
        Err(Stopped::Failed(Failure::new(format!(
            "{} changes again and again while it is built: save it, and check it then",
            self.path()
        ))))
    }

    fn read(self, file: &Path) -> Result<Vec<u8>, Failure> {
        let contents = fs::metadata(file).and_then(|about| match about.is_file() {
            true => fs::read(file),
            // A pipe that was put there would be read for ever.
            false => Err(io::Error::other("it is not a file")),
        });
        contents.map_err(|error| {
            if self.solution && error.kind() == io::ErrorKind::NotFound {
                return kept_by_lecturer("solution.rs");
            }
            let (path, number) = (self.path(), &self.lab[..2]);
            let remedy = match self.solution {
                true => format!("git checkout {path} puts it back"),
                false => format!("cargo run -- reset {number} puts the starter back"),
            };
            Failure::new(format!("{path} cannot be read ({}): {remedy}", reason(&error)))
        })
    }

    /// Makes it newer than what was built from it.
    fn touch(self, file: &Path) -> Result<(), Failure> {
        let opened = fs::File::options().append(true).open(file);
        opened.and_then(|file| file.set_modified(SystemTime::now())).map_err(|error| {
            let (path, reason) = (self.path(), reason(&error));
            Failure::new(format!(
                "{path} cannot be given a new time ({reason}), without which cargo does not build it: \
                 make the file yours, and writable"
            ))
        })
    }

    /// What the compiler says about this file.
    fn diagnostics(self, build: &Build, errors: bool) -> impl Iterator<Item = &Diagnostic> {
        let path = self.path();
        build.diagnostics.iter().filter(move |it| it.is_error == errors && it.files.contains(&path))
    }

    /// The compiler's errors in this file. There must be one.
    fn errors(self, build: &Build) -> Result<Vec<String>, Failure> {
        let mut errors: Vec<String> =
            self.diagnostics(build, true).flat_map(|it| lines(&it.rendered)).collect();
        if errors.is_empty() {
            return Err(self.trouble(build));
        }
        if errors.len() > ERROR_LINES {
            errors.truncate(ERROR_LINES);
            errors.push(format!("… (cargo build --example {} shows the rest)", self.example()));
        }
        Ok(errors)
    }

    /// Why it was not built, when its contents are not the reason.
    fn trouble(self, build: &Build) -> Failure {
        let elsewhere = build.diagnostics.iter().find(|it| it.is_error);
        let words = elsewhere.map_or(&build.errors, |it| &it.rendered);
        let words = words.lines().skip_while(|line| !line.starts_with("error"));
        let words = words.filter(|line| !line.trim_start().starts_with("Compiling "));
        let cut = |line: &str| escaped(line).chars().take(TROUBLE_WIDTH).collect();
        let words: Vec<String> = words.take(TROUBLE_LINES).map(cut).collect();
        let text = words.join("\n    ");
        let (path, example) = (self.path(), self.example());
        let unknown =
            format!("the kit itself does not build: cargo build --example {example} shows why");
        let remedy = REMEDIES.iter().find(|(sign, _)| text.contains(sign));
        let remedy = remedy.map_or(&*unknown, |(_, remedy)| remedy);
        Failure::new(format!(
            "{path} was not built, and what stands in it is not the reason: {remedy}. \
             Cargo says:\n    {text}"
        ))
    }
}

/// From which contents this executable was built, and when: `cargo run` may have built another one since.
fn memorandum(contents: &str, executable: &Executable) -> Option<String> {
    let built = fs::metadata(&executable.path).and_then(|file| file.modified()).ok()?;
    let built = built.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(format!("{contents} {}\n", built.as_nanos()))
}

/// Writes it so that another check sees all of it or nothing. Without it, the file is built again.
fn remember(memory: &Path, memorandum: Option<String>) {
    let new = memory.with_extension(std::process::id().to_string());
    if let Some(memorandum) = memorandum {
        let _ = fs::write(&new, memorandum).and_then(|()| fs::rename(&new, memory));
    }
}

/// A hash of a file's contents: FNV-1a with 64 bits, in hexadecimal digits. It tells versions of a
/// file apart; it is not made against forgery.
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
pub fn hash(bytes: &[u8]) -> String {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let add = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    format!("{:016x}", bytes.iter().fold(BASIS, add))
}

/// The lines of a text, escaped.
/// The lines of what a program printed, escaped.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the test vectors of its authors.
        assert_eq!(hash(b""), "cbf29ce484222325");
        assert_eq!(hash(b"foobar"), "85944171f73967e8");
    }
}
