//! Builds examples of this package with cargo and keeps a copy of each to run.
//!
//! Copies, because an executable that is running cannot be rebuilt on Windows.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use socketlab::{Failure, reason};

use super::interrupt::{self, LOOK_AGAIN, Stopped};

/// Numbers the folders of this process.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// Executables of examples. When this is dropped, the copies are deleted.
#[derive(Debug)]
pub struct Examples {
    folder: PathBuf,
}

/// Examples that do not build.
#[derive(Debug)]
pub struct Missing {
    /// Their names.
    pub names: Vec<String>,
    /// What cargo and the compiler say, if it was to be kept.
    pub words: String,
}

impl Examples {
    /// Builds these examples as this program was built (debug or release), into the same target
    /// folder. Cargo shows its progress, and the compiler's words, on standard error.
    ///
    /// # Errors
    /// When cargo cannot be run, when an example does not build, and at Ctrl-C.
    pub fn build(names: &[&str]) -> Result<Self, Stopped> {
        match Self::build_with(names, Stdio::inherit())? {
            Ok(examples) => Ok(examples),
            Err(missing) => Err(Failure::new(format!(
                "{} cannot be built: cargo says why above; mend that and run this again",
                missing.names.join(", ")
            ))
            .into()),
        }
    }

    /// As [`Examples::build`], but shows nothing: what does not build is no failure, and comes with
    /// the compiler's words.
    ///
    /// # Errors
    /// When cargo cannot be run, and at Ctrl-C.
    pub fn build_quietly(names: &[&str]) -> Result<Result<Self, Missing>, Stopped> {
        Self::build_with(names, Stdio::piped())
    }

    fn build_with(names: &[&str], words: Stdio) -> Result<Result<Self, Missing>, Stopped> {
        let profile_folder = profile_folder()?;
        let Report { messages, words } = run_cargo(names, &profile_folder, words)?;
        let built: HashMap<String, PathBuf> = messages
            .lines()
            .filter_map(executable)
            .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
            .collect();
        let missing = names.iter().filter(|&&name| !built.contains_key(name));
        let missing: Vec<String> = missing.map(|&name| name.to_owned()).collect();
        if !missing.is_empty() {
            return Ok(Err(Missing { names: missing, words }));
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("assistant-{}-{number}", process::id());
        let examples = Self { folder: profile_folder.join(folder) };
        examples.copy(&built).map_err(|error| {
            let folder = examples.folder.display();
            Failure::new(format!("the servers cannot be copied to {folder}: {}", reason(&error)))
        })?;
        Ok(Ok(examples))
    }

    /// The executable of an example that was built.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    fn copy(&self, built: &HashMap<String, PathBuf>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        built.iter().try_for_each(|(name, path)| fs::copy(path, self.path(name)).map(drop))
    }
}

impl Drop for Examples {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder of this package.
pub fn package_folder() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").unwrap_or(env!("CARGO_MANIFEST_DIR").into()).into()
}

/// `target/debug` or `target/release`, where this program stands, or its tests one folder deeper.
///
/// # Errors
/// When the system does not say.
pub fn profile_folder() -> io::Result<PathBuf> {
    let executable = env::current_exe()?;
    let folder = executable.parent().unwrap_or(Path::new("."));
    let folder = if folder.ends_with("deps") { folder.parent() } else { Some(folder) };
    Ok(folder.unwrap_or(Path::new(".")).to_owned())
}

/// Runs `cargo build` for these examples; returns what it reports about each of its steps.
///
/// It goes on after an error, so that the examples without a report are those that do not build.
fn run_cargo(names: &[&str], profile_folder: &Path, words: Stdio) -> Result<Report, Stopped> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--keep-going", "--message-format=json-render-diagnostics"]);
    if let Some(target_folder) = profile_folder.parent() {
        cargo.arg("--target-dir").arg(target_folder);
    }
    match profile_folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => {}
        Some(profile) => drop(cargo.args(["--profile", profile])),
    }
    cargo.args(names.iter().flat_map(|name| ["--example", name]));
    let child = cargo.current_dir(package_folder()).stdout(Stdio::piped()).stderr(words).spawn();
    let mut child = Running(child.map_err(|error| {
        Failure::new(format!("cargo cannot be started ({}): is it installed?", reason(&error)))
    })?);
    let messages = read_aside(child.0.stdout.take())?;
    let words = read_aside(child.0.stderr.take())?;
    Ok(Report { messages: wait_for(&messages)?, words: wait_for(&words)? })
}

/// What cargo has printed.
struct Report {
    /// A line of JSON for each step.
    messages: String,
    /// Its progress and the compiler's words, unless they were shown.
    words: String,
}

/// Reads a stream to its end on a thread of its own.
fn read_aside(stream: Option<impl Read + Send + 'static>) -> io::Result<Receiver<String>> {
    let (report, text) = mpsc::channel();
    if let Some(mut stream) = stream {
        thread::Builder::new().spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            let _ = report.send(String::from_utf8_lossy(&bytes).into_owned());
        })?;
    }
    Ok(text)
}

fn wait_for(text: &Receiver<String>) -> Result<String, Stopped> {
    loop {
        match text.recv_timeout(LOOK_AGAIN) {
            _ if interrupt::requested() => return Err(Stopped::Interrupted),
            Ok(text) => return Ok(text),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
        }
    }
}

/// A process that does not outlive its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        if interrupt::requested() {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}

/// The executable that a line of cargo's report names, if it names one.
///
/// Each line is one JSON object. Inside of its strings quotes are escaped, so this key cannot be
/// mistaken.
fn executable(line: &str) -> Option<PathBuf> {
    let (_, rest) = line.split_once(r#""executable":""#)?;
    let mut path = String::new();
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return Some(path.into()),
            '\\' => match chars.next()? {
                'u' => {
                    let code: String = chars.by_ref().take(4).collect();
                    path.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                escaped => path.push(escaped), // \\ \" \/; cargo's paths hold no other
            },
            plain => path.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn what_does_not_build_is_named() {
        let outcome = Examples::build(&["no_such_example"]);
        let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
        let text = failure.to_string();
        assert!(text.starts_with("no_such_example cannot be built: cargo says why"), "{text}");
    }

    #[test]
    fn executables_are_read_from_cargos_report() {
        let found = |line| executable(line).map(|path| path.display().to_string());
        let line = r#"{"reason":"compiler-artifact","executable":"C:\\lab \"x\"\u0021\\a.exe","fresh":true}"#;
        assert_eq!(found(line).as_deref(), Some(r#"C:\lab "x"!\a.exe"#));
        assert_eq!(found(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        assert_eq!(found(r#"{"rendered":"\"executable\":\"a\""}"#), None);
        assert_eq!(found(r#"{"executable":"cut off"#), None);
    }
}
