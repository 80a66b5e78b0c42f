//! Servers in other languages, each with the verdict that its head declares. Where its language is not installed,
//! a server is left out, and the test says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use support::json::{Json, Strict};
use support::{quoted, root, scratch, side_by_side};

use crate::checker::{AT_ONCE, verdict};

/// Java programs that live for seconds need no second compiler, and no second thread that collects garbage.
const QUICK: &str = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

/// Where the Java programs are compiled to, all at once.
fn java_classes() -> &'static str {
    static CLASSES: LazyLock<String> = LazyLock::new(|| {
        let (output, files) = (scratch("language_java"), root().join("tests/languages"));
        let line = format!(
            "javac -J-XX:TieredStopAtLevel=1 -d {} {}/*.java",
            quoted(&output),
            quoted(&files)
        );
        let done = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        quoted(&output)
    });
    &CLASSES
}

/// A server of `tests/languages`.
struct Program {
    file: PathBuf,
    head: String,
}

impl Program {
    /// What its head says of this.
    fn says(&self, what: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.split_once(&format!(" {what}: "))).map(|(_, it)| it)
    }

    fn extension(&self) -> &str {
        self.file.extension().unwrap().to_str().unwrap()
    }

    /// The program without which it cannot be run.
    fn tool(&self) -> &'static str {
        match self.extension() {
            "c" => "cc",
            "go" => "go",
            "java" => "javac",
            "mjs" => "node",
            "php" => "php",
            "pl" => "perl",
            "py" => "python3",
            "rb" => "ruby",
            other => panic!("no program is known for .{other}"),
        }
    }

    /// Builds it, if its language is compiled; returns the command line that runs it.
    fn command(&self) -> String {
        let (tool, file) = (self.tool(), quoted(&self.file));
        let name = self.file.file_stem().unwrap().to_str().unwrap();
        let built = scratch(&format!("language_{name}_{tool}"));
        let output = quoted(&built);
        let (build, run) = match tool {
            "cc" => (format!("cc -pthread -o {output} {file}"), output),
            "go" => (format!("go build -o {output} {file}"), output),
            "javac" => ("true".to_owned(), format!("java {QUICK} -cp {} {name}", java_classes())),
            _ => ("true".to_owned(), format!("{tool} {file}")),
        };
        let done = Command::new("sh").args(["-c", &build]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        format!("exec {run} {{port}}")
    }

    /// What a check finds that its head does not declare.
    fn difference(&self) -> Option<String> {
        let declared = self.says("verdict").unwrap();
        let (wanted, is_proved) =
            declared.split_once(", ").map_or((declared, false), |(it, _)| (it, true));
        let (code, report) =
            verdict(&["check", self.says("exercise").unwrap(), "--server", &self.command()]);
        // On a machine that is too busy, nothing is judged.
        if code == "not judged" {
            return None;
        }
        let failure: Vec<String> = report.at("failure").items().iter().map(Strict::text).collect();
        let told = [report.at("note").text(), report.at("look").text()];
        let is_told = |words: &str| told.iter().any(|it| it.contains(words));
        let is_right = code == wanted
            && (!is_proved || *report.at("proved") == Json::Bool(true))
            && self.says("says").is_none_or(is_told)
            && self
                .says("fails")
                .is_none_or(|words| failure.iter().any(|line| line.contains(words)));
        let proved = report.at("proved");
        (!is_right).then(|| {
            format!("{}: {code}, {told:?}, {failure:?}, proved: {proved}", self.file.display())
        })
    }
}

fn programs() -> Vec<Program> {
    let files = fs::read_dir(root().join("tests/languages")).unwrap();
    let mut programs: Vec<Program> = files
        .map(|file| file.unwrap().path())
        .map(|file| Program { head: head(&file), file })
        .collect();
    programs.sort_by(|one, other| one.file.cmp(&other.file));
    programs
}

fn head(file: &Path) -> String {
    fs::read_to_string(file).unwrap().lines().take(6).map(|line| format!("{line}\n")).collect()
}

/// Whether a program can be started; what it then says does not matter.
fn is_installed(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

#[test]
fn every_server_in_another_language_gets_the_verdict_that_its_head_declares() {
    let (programs, missing): (Vec<_>, Vec<_>) =
        programs().into_iter().partition(|program| is_installed(program.tool()));
    let missing: BTreeSet<&str> = missing.iter().map(Program::tool).collect();
    missing.iter().for_each(|tool| println!("left out, not installed: {tool}"));
    let wrong: Vec<String> =
        side_by_side(AT_ONCE, &programs, Program::difference).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
