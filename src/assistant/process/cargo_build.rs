//! Runs `cargo build` and reads what it reports.

use std::env;
use std::env::consts::ARCH;
use std::ffi::OsString;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use socketlab::{Failure, reason};

use crate::process::examples::package_folder;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::process::program::Program;

/// How long a build may take. A first build takes ten to twenty seconds.
pub const BUILD_TIMEOUT: Duration = Duration::from_secs(120);

/// What the compiler says of a file that is not UTF-8, behind its name.
const NOT_TEXT: &str = ": stream did not contain valid UTF-8";

/// What a build has come to.
#[derive(Debug, Default)]
pub struct Build {
    /// The executables that stand there now.
    pub executables: Vec<Executable>,
    /// What the compiler says; nothing if it was shown.
    pub diagnostics: Vec<Diagnostic>,
    /// What cargo says on standard error; nothing if it was shown.
    pub errors: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Executable {
    /// The example's name.
    pub name: String,
    /// Where cargo has put it.
    pub path: PathBuf,
    /// Whether cargo took it for up to date, by the time of its sources, and built nothing.
    pub is_old: bool,
}

/// An error or a warning of the compiler's.
#[derive(Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub is_error: bool,
    /// All of it, in lines, with the source.
    pub rendered: String,
    /// The files that it points into, as seen from the package. None: it is not about the source.
    pub files: Vec<String>,
}

/// Builds these examples as this program was built (debug or release), into the same target folder.
///
/// With `shown`, the words of cargo and the compiler appear on standard error, but not cargo's progress: `cargo run` has
/// just shown its own. Without it, they are returned.
/// Cargo goes on after an error: the examples that do not build have no executable. Fails when cargo cannot be run or
/// takes too long, and at Ctrl-C; everything it has started has ended then.
pub fn build(names: &[&str], profile: &Path, shown: bool) -> Result<Build, Stopped> {
    let package = package_folder();
    if !package.join("Cargo.toml").is_file() {
        let package = package.display();
        return Err(Stopped::Failed(Failure::new(format!(
            "the kit is not in {package}, where this program was built: change to the kit's folder \
             and run it with cargo run --"
        ))));
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--keep-going"]);
    cargo.args(match shown {
        true => &["--message-format=json-render-diagnostics", "--quiet"][..],
        false => &["--message-format=json", "--color=never"],
    });
    cargo.args(folder_options(profile));
    cargo.args(names.iter().flat_map(|name| ["--example", name])).current_dir(package);
    let printed = run(&mut cargo, shown, BUILD_TIMEOUT)?.printed();
    let mut build = Build { errors: printed.errors(), ..Build::default() };
    for line in &printed.lines {
        // A line that is not JSON is not a message, and says nothing.
        let message: Value = serde_json::from_str(&line.text).unwrap_or_default();
        match text(&message["reason"]) {
            "compiler-artifact" => build.executables.extend(executable(&message)),
            "compiler-message" => build.diagnostics.extend(diagnostic(&message["message"])),
            _ => {}
        }
    }
    Ok(build)
}

/// The options with which cargo puts programs into this folder: `target/debug`, `target/release`, or
/// `target/TARGET/debug` after `--target TARGET`. The names of targets begin with the architecture, as
/// in `x86_64-unknown-linux-musl`.
pub fn folder_options(folder: &Path) -> Vec<OsString> {
    let name = |folder: &Path| folder.file_name().unwrap_or_default().to_owned();
    let mut options = Vec::new();
    let mut add = |option: &str, value: OsString| options.extend([option.into(), value]);
    if !folder.ends_with("debug") {
        add("--profile", name(folder));
    }
    let mut target_folder = folder.parent().unwrap_or(folder);
    let target = name(target_folder);
    if target.to_str().is_some_and(|target| target.starts_with(&format!("{ARCH}-"))) {
        add("--target", target);
        target_folder = target_folder.parent().unwrap_or(target_folder);
    }
    add("--target-dir", target_folder.into());
    options
}

/// Runs cargo to its end.
fn run(cargo: &mut Command, shown: bool, patience: Duration) -> Result<Program, Stopped> {
    let errors = if shown { Stdio::inherit() } else { Stdio::piped() };
    let mut cargo = Program::start_with(cargo, errors).map_err(|error| {
        Failure::new(format!("{}: is Rust installed, and cargo on the PATH?", reason(&error)))
    })?;
    cargo.cancel_waits_when(interrupt::requested);
    cargo.end_input();
    let deadline = Instant::now() + patience;
    while cargo.end_within(POLL_INTERVAL).is_none() {
        if interrupt::requested() {
            cargo.end_group();
            return Err(Stopped::Interrupted);
        }
        if Instant::now() > deadline {
            cargo.end_group();
            return Err(Stopped::Failed(Failure::new(format!(
                "the build was ended because it took more than {} s. Does the program include a file \
                 that never ends, or does another cargo hold the target folder? `cargo build \
                 --examples` has no limit and shows what it is doing",
                patience.as_secs()
            ))));
        }
    }
    Ok(cargo)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The executable that a message of cargo's tells of.
pub fn executable(message: &Value) -> Option<Executable> {
    message["executable"].as_str().map(|path| Executable {
        name: text(&message["target"]["name"]).to_owned(),
        path: path.into(),
        is_old: message["fresh"] == true,
    })
}

/// An error or a warning; notes and the count of errors at the end are neither.
pub fn diagnostic(message: &Value) -> Option<Diagnostic> {
    let level = text(&message["level"]);
    // A crash of the compiler has a level of its own: "error: internal compiler error".
    let is_error = level.starts_with("error");
    (is_error || level == "warning").then(|| {
        let spans = message["spans"].as_array().into_iter().flatten();
        // The file of a span; inside of a macro, that of the macro's call as well.
        let places = spans.flat_map(|span| {
            iter::successors(Some(span), |span| {
                Some(&span["expansion"]["span"]).filter(|call| !call.is_null())
            })
        });
        // On Windows the compiler writes `labs\\…`.
        let file = |span: &Value| text(&span["file_name"]).replace('\\', "/");
        let mut files: Vec<String> = places.map(file).collect();
        let sentence = text(&message["message"]);
        // Rust 1.85 names a file that is not text, and does not point into it.
        let unread =
            sentence.strip_prefix("couldn't read ").and_then(|rest| rest.strip_suffix(NOT_TEXT));
        files.extend(unread.map(|file| file.trim_matches('`').replace('\\', "/")));
        Diagnostic { is_error, rendered: text(&message["rendered"]).trim_end().to_owned(), files }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_folder_tells_its_profile_and_its_target() {
        let musl = format!("{ARCH}-unknown-linux-musl");
        let other = format!("/kit/target/{musl}/release");
        for (folder, wanted) in [
            ("/kit/target/debug", &["--target-dir", "/kit/target"][..]),
            ("/a b/release", &["--profile", "release", "--target-dir", "/a b"]),
            (&other, &["--profile", "release", "--target", &musl, "--target-dir", "/kit/target"]),
        ] {
            assert_eq!(folder_options(Path::new(folder)), wanted, "{folder}");
        }
    }

    #[test]
    fn executables_are_read_from_cargos_report() {
        let found = |line| executable(&serde_json::from_str(line).unwrap());
        let line = r#"{"reason":"compiler-artifact","target":{"name":"a"},"executable":"C:\\lab \"x\"\u0021\\a.exe","fresh":true}"#;
        let path = PathBuf::from(r#"C:\lab "x"!\a.exe"#);
        assert_eq!(found(line), Some(Executable { name: "a".to_owned(), path, is_old: true }));
        assert_eq!(found(r#"{"reason":"compiler-artifact","executable":null}"#), None);
    }

    #[test]
    fn an_error_inside_of_a_macro_is_in_the_file_that_calls_it() {
        let message = r#"{"level":"error","message":"no","rendered":"error: no\n","spans":[
            {"file_name":"src/console.rs","expansion":{"span":{"file_name":"labs\\x.rs","expansion":null}}}]}"#;
        let error = diagnostic(&serde_json::from_str(message).unwrap()).unwrap();
        assert_eq!(error.files, ["src/console.rs", "labs/x.rs"]);
        assert_eq!((error.is_error, error.rendered.as_str()), (true, "error: no"));
    }

    #[test]
    fn a_file_that_is_not_text_is_named_although_nothing_points_into_it() {
        let message = r#"{"level":"error","rendered":"","spans":[],
            "message":"couldn't read labs/x.rs: stream did not contain valid UTF-8"}"#;
        let error = diagnostic(&serde_json::from_str(message).unwrap()).unwrap();
        assert_eq!(error.files, ["labs/x.rs"]);
    }

    #[test]
    #[cfg(unix)]
    fn a_build_that_takes_too_long_is_ended_with_all_that_it_has_started() {
        let mut cargo = Command::new("sh");
        cargo.args(["-c", "sleep 77.125 & wait"]);
        let start = Instant::now();
        let outcome = run(&mut cargo, false, Duration::from_millis(300));
        let Err(Stopped::Failed(failure)) = outcome else { panic!("{outcome:?}") };
        assert!(failure.to_string().starts_with("the build was ended because"), "{failure}");
        assert!(start.elapsed() < Duration::from_secs(20));
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut ps = Command::new("sh");
            let found = ps.args(["-c", "ps -A -o args | grep -x 'sleep 77.125'"]).output();
            if found.unwrap().stdout.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "what the build started is still running");
        }
    }
}
