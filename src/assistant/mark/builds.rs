//! Building hand-ins aside: all of them as examples of a package of their own, in a folder of its own. The checkout
//! stays as it is, and what the hand-ins depend on is built once.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use socketlab::{Failure, reason};

use crate::exercise::build::lines;
use crate::mark::sandbox::Sandbox;
use crate::process::cargo_build::{Executable, diagnostic, executable};
use crate::process::examples::package_folder;
use crate::process::interrupt::{self, Stopped};
use crate::process::program::{Printed, Program};

/// For how long the compiler may compute for one hand-in, in seconds of the CPU: a constant can take for ever.
const MAX_CPU: u32 = 30;

/// How many lines of the compiler's are kept.
const MAX_LINES: usize = 60;

/// What came of a build.
#[derive(Debug, PartialEq, Eq)]
pub enum Built {
    /// The executable.
    Program(PathBuf),
    /// The compiler's words.
    Errors(Vec<String>),
}

/// Builds these programs, each with a name of its own, below this folder; `done` is told what came of each as soon as it
/// is known. Fails when cargo or the compiler cannot be run, and at Ctrl-C.
pub fn build(
    folder: &Path,
    programs: &[(String, Vec<u8>)],
    sandbox: Option<&Sandbox>,
    mut done: impl FnMut(&str, Built),
) -> Result<(), Stopped> {
    let package = folder.join("package");
    write_package(&package, programs).map_err(|error| {
        let (package, why) = (package.display(), reason(&error));
        Failure::new(format!("{package} cannot be written ({why}): is there room on the disk?"))
    })?;
    let mut command = cargo(folder, &package);
    let mut command = match sandbox {
        Some(sandbox) => sandbox.around(&command, true),
        None => std::mem::replace(&mut command, Command::new("")),
    };
    let mut cargo = Program::start(&mut command)?;
    cargo.end_input();
    let (mut read, mut built) = (0, HashSet::new());
    let mut failed: HashMap<String, Vec<String>> = HashMap::new();
    loop {
        let has_ended = cargo.end_within(interrupt::POLL_INTERVAL).is_some();
        if interrupt::requested() {
            cargo.end_group();
            return Err(Stopped::Interrupted);
        }
        let printed = |printed: &Printed| Some(printed.lines[read..].to_vec());
        let new = cargo.wait_until(Duration::ZERO, printed).unwrap_or_default();
        read += new.len();
        for line in &new {
            // A line that is not JSON is not a message.
            let message: Value = serde_json::from_str(&line.text).unwrap_or_default();
            if let Some(Executable { name, path, .. }) = executable(&message) {
                done(&name, Built::Program(path));
                built.insert(name);
            } else if let Some(error) = diagnostic(&message["message"]).filter(|it| it.is_error) {
                let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
                let errors = failed.entry(name).or_default();
                errors.extend(lines(&error.rendered));
                errors.truncate(MAX_LINES);
            }
        }
        if has_ended {
            break;
        }
    }
    if built.is_empty() && failed.is_empty() && !programs.is_empty() {
        let errors = cargo.printed().errors();
        let errors = lines(&errors);
        let errors = errors[..errors.len().min(8)].join("\n    ");
        let words = "the hand-ins cannot be built. Cargo says:";
        return Err(Failure::new(format!("{words}\n    {errors}")).into());
    }
    for (name, _) in programs.iter().filter(|(name, _)| !built.contains(name)) {
        // The compiler was ended, or it has crashed.
        let ended = format!("The compiler did not come to an end: it may compute for {MAX_CPU} s.");
        done(name, Built::Errors(failed.remove(name).unwrap_or(vec![ended])));
    }
    Ok(())
}

/// The command line that builds the package, with limits for each process of the compiler's.
fn cargo(folder: &Path, package: &Path) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let limits = format!("ulimit -t {MAX_CPU}; ulimit -c 0; exec \"$@\"");
    let mut command = Command::new(if cfg!(unix) { "sh".into() } else { cargo.clone() });
    if cfg!(unix) {
        command.args(["-c", &limits, "sh"]).arg(cargo);
    }
    command.args(["build", "--offline", "--keep-going", "--examples", "--message-format=json"]);
    command.args(["--color=never", "--target-dir"]).arg(folder.join("target"));
    command.current_dir(package);
    command
}

/// The file in the package that a program of this name is built from.
pub fn source(name: &str) -> String {
    format!("programs/{name}.rs")
}

/// Writes the package: the kit's own dependencies and versions, and each program as an example.
fn write_package(package: &Path, programs: &[(String, Vec<u8>)]) -> io::Result<()> {
    let kit = package_folder();
    let manifest = fs::read_to_string(kit.join("Cargo.toml"))?;
    let dependencies = manifest.lines().filter(|line| {
        ["clap = ", "ctrlc = ", "rustix = "].iter().any(|name| line.starts_with(name))
    });
    let mut text = format!(
        "[workspace]\n[package]\nname = \"hand-ins\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         autoexamples = false\n[lib]\npath = \"nothing.rs\"\n\
         [profile.dev]\ndebug = 0\nincremental = false\npanic = \"unwind\"\n\
         [dev-dependencies]\nsocketlab = {{ path = {:?} }}\n",
        kit.display().to_string()
    );
    dependencies.for_each(|line| text += &format!("{line}\n"));
    let _ = fs::remove_dir_all(package.join("programs"));
    fs::create_dir_all(package.join("programs"))?;
    for (name, contents) in programs {
        let source = source(name);
        text += &format!("[[example]]\nname = \"{name}\"\npath = \"{source}\"\n");
        fs::write(package.join(source), contents)?;
    }
    fs::write(package.join("nothing.rs"), "")?;
    fs::write(package.join("Cargo.toml"), text)?;
    fs::copy(kit.join("Cargo.lock"), package.join("Cargo.lock")).map(drop)
}
