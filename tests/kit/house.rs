//! The house stands: what is higher uses what is lower, and never the other way round (CONTRIBUTING.md).

use std::fs;
use std::path::Path;

use support::root;

/// The floors of the assistant, and the rooms of its `check`, from the top down. Those of one line are beside each
/// other.
const FLOORS: [&[&str]; 9] = [
    &["commands"],
    &["mark"],
    &["course"],
    &["demo", "grow", "check"],
    &["exercise"],
    &["draw"],
    &["client"],
    &["threads"],
    &["process"],
];
const ROOMS: [&[&str]; 7] = [
    &["telling"],
    &["run"],
    &["scenes"],
    &["causes"],
    &["stage"],
    &["finding", "evidence"],
    &["verdicts"],
];

/// The floor of a module, counted from the top.
fn floor(floors: &[&[&str]], name: &str) -> Option<usize> {
    floors.iter().position(|floor| floor.contains(&name))
}

/// Finds what a module of `folder` uses that stands higher.
fn climbs(folder: &Path, prefix: &str, floors: &[&[&str]], found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let Some(own) = floor(floors, &name) else { continue };
        for file in sources(&path) {
            let source = fs::read_to_string(&file).unwrap();
            // Tests may look at the whole house.
            let source = source.split("\n#[cfg(test)]").next().unwrap_or_default();
            for used in source.split(prefix).skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                if floor(floors, used).is_some_and(|used| used < own) {
                    found.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
}

fn sources(path: &Path) -> Vec<std::path::PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| sources(&path)).collect()
}

#[test]
fn arrows_go_down_only() {
    let assistant = root().join("src/assistant");
    let mut found = Vec::new();
    climbs(&assistant, "crate::", &FLOORS, &mut found);
    climbs(&assistant.join("check"), "crate::check::", &ROOMS, &mut found);
    assert!(found.is_empty(), "{found:#?}");
    let names = fs::read_dir(&assistant).unwrap().map(|entry| entry.unwrap().path());
    let folders = names.filter(|path| path.is_dir() && path.file_name().unwrap() != "target");
    for folder in folders {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(floor(&FLOORS, name).is_some(), "{name} has no floor");
    }
}
