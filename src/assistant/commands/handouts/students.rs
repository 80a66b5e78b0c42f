//! The kit for students: a copy without what is not theirs, packed by git.

use std::fs;
use std::path::{Path, absolute};
use std::process::Command;

use socketlab::Failure;

use super::pages::without_answers;
use crate::commands::read;
use crate::process::tool::said;

/// How git is asked for the students' files.
const LIST: &str = "-c core.quotePath=false ls-files . :!.ci :!.config :!.github :!CONTRIBUTING.md :!findings \
                    :!labs/INSTRUCTOR.md :!labs/*/solution.rs :!tests";

/// The second paragraph of the README.
const README: &str = "
This is the students' edition of the kit. It has no tests, no solutions, no answers and no pages for lecturers and
authors, although this page names some of them. Before you begin, type `git init` and then `git add .` in this folder:
then `git checkout examples` undoes what you change in an experiment.
";

/// Copies the students' files as they are now. Fails when git does not list them, and when one cannot be copied.
pub fn copy(kit: &Path, copy: &Path, hints: bool) -> Result<(), Failure> {
    let no_hints = (!hints).then_some(":!labs/*/hints.txt");
    let list: Vec<&str> = LIST.split_whitespace().chain(no_hints).collect();
    let list = git(kit, &list)?;
    if list.is_empty() {
        return Err(Failure::new("git knows no file of this kit: --zip works in a clone of it"));
    }
    // Git lists a file that was deleted and not committed.
    for file in list.lines().filter(|file| kit.join(file).is_file()) {
        let (from, to) = (kit.join(file), copy.join(file));
        fs::create_dir_all(to.parent().unwrap_or(copy))?;
        match file.rsplit('/').next() {
            Some("practice.rs") => fs::copy(from.with_file_name("starter.rs"), to).map(drop)?,
            _ if file == "Cargo.toml" => fs::write(to, manifest(&read(&from)?))?,
            _ if file == "README.md" => fs::write(to, readme(&read(&from)?))?,
            Some("README.md") => fs::write(to, without_answers(&read(&from)?))?,
            _ => fs::copy(from, to).map(drop)?,
        }
    }
    Ok(())
}

/// Packs the copy. Git does that from a repository, so the copy becomes one.
pub fn pack(copy: &Path, zip: &Path) -> Result<(), Failure> {
    git(copy, &["init", "--quiet"])?;
    git(copy, &["add", "--all", "--force"])?;
    let tree = git(copy, &["write-tree"])?;
    let zip = format!("--output={}", absolute(zip)?.display());
    git(copy, &["archive", "--format=zip", "--prefix=socketlab/", &zip, tree.trim()]).map(drop)
}

/// Runs git in a folder, and returns what it prints.
fn git(folder: &Path, args: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("git");
    // In a hook these name another repository.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    said(command.args(args).current_dir(folder), "")
        .map_err(|why| Failure::new(format!("git cannot pack the kit: {why}")))
}

/// Cargo's manifest without the solutions and the packages of the tests.
fn manifest(text: &str) -> String {
    let parts = text.split("\n\n").filter(|part| !part.contains("/solution.rs\""));
    let text = parts.collect::<Vec<_>>().join("\n\n");
    text.replace(r#", "tests", "tests/support", "tests/wrong_servers""#, "")
        .replace(r#", "tests"]"#, "]")
}

/// The README, which says what is missing, without the section about the tests.
fn readme(text: &str) -> String {
    let text = text.replacen('\n', &format!("\n{README}"), 1);
    let (before, test) = text.split_once("## Test it\n").unwrap_or((&text, ""));
    before.to_owned() + &test[test.find("## ").unwrap_or(0)..]
}
