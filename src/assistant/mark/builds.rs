//! Building hand-ins aside: all of them as examples of a package of their own, in a folder of its own. The checkout
//! stays as it is, and what the hand-ins depend on is built once.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use socketlab::{Failure, reason};

use crate::exercise::build::lines;
use crate::mark::bounds;
use crate::mark::sandbox::Sandbox;
use crate::process::cargo_build::{Diagnostic, Executable, diagnostic, executable};
use crate::process::examples::package_folder;
use crate::process::interrupt::{self, Stopped};

/// What each run of the compiler may have: seconds of the CPU, as a constant can take for ever; seconds, as it can read a
/// file that never ends; and KiB of addresses. Where the system has no `timeout`, nothing bounds the second.
#[cfg(unix)]
const LIMITS: &str = "#!/bin/sh
ulimit -H -t 35; ulimit -S -t 30; ulimit -c 0; ulimit -v 8388608 2>/dev/null
timeout --foreground 1 true 2>/dev/null && exec timeout --foreground 120 \"$@\"
exec \"$@\"
";

/// How many lines of the compiler's are kept.
const MAX_LINES: usize = 60;

/// What came of a build.
#[derive(Debug, PartialEq, Eq)]
pub enum Built {
    /// The executable.
    Program(PathBuf),
    /// The compiler's words.
    Errors(Vec<String>),
    /// Why the compiler has not judged it: the machine is at fault.
    Failed(String),
}

/// Builds these programs, each with a name that no program of another class has, below this folder; `done` is told what
/// came of each as soon as it is known. Fails when cargo or the compiler cannot be run, and at Ctrl-C.
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
    if let Some(sandbox) = sandbox {
        command = sandbox.around_build(&command);
    }
    let mut cargo = bounds::start(&mut command)?;
    cargo.end_input();
    let mut built = HashSet::new();
    let mut failed: HashMap<String, Vec<Diagnostic>> = HashMap::new();
    loop {
        let has_ended = cargo.end_within(interrupt::POLL_INTERVAL).is_some();
        if interrupt::requested() {
            return Err(Stopped::Interrupted);
        }
        for line in cargo.take_lines() {
            // A line that is not JSON is not a message.
            let message: Value = serde_json::from_str(&line.text).unwrap_or_default();
            if let Some(Executable { name, path, .. }) = executable(&message) {
                done(&name, Built::Program(path));
                built.insert(name);
            } else if let Some(error) = diagnostic(&message["message"]).filter(|it| it.is_error) {
                let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
                failed.entry(name).or_default().push(error);
            }
        }
        if has_ended {
            break;
        }
    }
    let said = cargo.printed().errors();
    let is_own = |name: &String| programs.iter().any(|(own, _)| own == name);
    let elsewhere = failed.iter().find(|(name, _)| !is_own(name));
    let elsewhere =
        elsewhere.and_then(|(_, errors)| lines(&errors.first()?.rendered).into_iter().next());
    let elsewhere = elsewhere.unwrap_or("cargo said nothing of it".to_owned());
    if built.is_empty() && failed.is_empty() && !programs.is_empty() && !said.contains("(example ")
    {
        let errors = lines(&said);
        let errors = errors[..errors.len().min(8)].join("\n    ");
        let words = "the hand-ins cannot be built. Cargo says:";
        return Err(Failure::new(format!("{words}\n    {errors}")).into());
    }
    for (name, _) in programs.iter().filter(|(name, _)| !built.contains(name)) {
        let errors = failed.remove(name).unwrap_or_default();
        done(name, not_built(&errors, &said, name, &elsewhere));
    }
    Ok(())
}

/// What came of a program that was not built: its errors; or the compiler was ended at its limits; or it is not at fault,
/// and perhaps an error `elsewhere` is.
fn not_built(errors: &[Diagnostic], said: &str, name: &str, elsewhere: &str) -> Built {
    let is_own = errors.iter().any(|error| !error.files.is_empty());
    let mut words: Vec<String> = errors.iter().flat_map(|error| lines(&error.rendered)).collect();
    words.truncate(MAX_LINES);
    let about = said.split("error: could not compile");
    let about = about.filter(|part| part.contains(&format!("(example \"{name}\")"))).last();
    let is_limited = ["SIGXCPU", "status: 124", "status: 152"]
        .iter()
        .any(|it| about.is_some_and(|about| about.contains(it)));
    match (is_own, is_limited) {
        (true, _) => Built::Errors(words),
        (_, true) => {
            let why = "The compiler did not finish: it may use the CPU for 30 s, and take 120 s.";
            Built::Errors(vec![why.to_owned()])
        }
        _ => {
            let about = about.map(|about| lines(about.trim()).join(" "));
            let why = words.first().cloned().or(about).unwrap_or(elsewhere.to_owned());
            Built::Failed(format!("the compiler did not judge it: {why}"))
        }
    }
}

/// The command line that builds the package, with limits for each run of the compiler.
fn cargo(folder: &Path, package: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command.args(["build", "--offline", "--keep-going", "--examples", "--message-format=json"]);
    command.args(["--color=never", "--target-dir"]).arg(shared_target(folder));
    if cfg!(unix) {
        command.env("RUSTC_WRAPPER", package.join("limits.sh"));
    }
    command.current_dir(package);
    command
}

/// Where the programs of all classes are built, so that what they depend on is built once.
pub fn shared_target(folder: &Path) -> PathBuf {
    folder.with_file_name("target")
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
    #[cfg(unix)]
    {
        let limits = package.join("limits.sh");
        fs::write(&limits, LIMITS)?;
        fs::set_permissions(limits, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    }
    fs::write(package.join("nothing.rs"), "")?;
    fs::write(package.join("Cargo.toml"), text)?;
    fs::copy(kit.join("Cargo.lock"), package.join("Cargo.lock")).map(drop)
}
