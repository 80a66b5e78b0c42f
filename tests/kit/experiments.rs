//! No experiment is prose alone: what a reader is asked to change is a diff, and what comes of it is shown.
//!
//! The tests of transcripts build and replay the experiments; here are the rules for how they are written.

use support::experiments::{apply, plan};
use support::markdown::{Page, pages};
use support::root;

/// The experiments of a page: heading and text. In a handout they stand below "Break it", on the page for instructors below
/// headings that begin with "Live: ".
fn experiments(page: &Page) -> Vec<(String, String)> {
    let live = page.name() == "labs/INSTRUCTOR.md";
    let text = if live { page.text.clone() } else { page.section("Break it") };
    let mut experiments: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        if line.starts_with('#') && !fenced {
            let title = line.trim_start_matches('#').trim();
            inside = line.starts_with("### ") && (!live || title.starts_with("Live: "));
            if inside {
                experiments.push((title.to_owned(), String::new()));
            }
        } else if let Some((_, text)) = experiments.last_mut().filter(|_| inside) {
            *text += line;
            text.push('\n');
        }
    }
    experiments
}

/// Why an experiment is prose, if it is: nothing in it is run, or it asks for a command that no transcript shows.
fn prose(text: &str) -> Option<String> {
    if !["```console", "```rustc"].iter().any(|block| text.contains(block)) {
        return Some("no transcript and no block ```rustc shows what happens".to_owned());
    }
    let page = Page { path: root().join("experiment"), text: text.to_owned() };
    let prose = page.prose().join("\n");
    let mut code = prose.split('`').skip(1).step_by(2);
    let command = code.find(|code| code.contains("cargo run --example") || code.contains(" | "));
    command.map(|command| format!("`{command}` is to be run, and no transcript shows it"))
}

#[test]
fn no_experiment_is_prose_alone() {
    let mut missing = Vec::new();
    for page in pages() {
        let path = page.name();
        let least = match path.strip_prefix("labs/") {
            Some("INSTRUCTOR.md") => 1,
            Some(lab) if lab.contains('/') => 3,
            _ => continue,
        };
        let experiments = experiments(&page);
        assert!(experiments.len() >= least, "{path} has {} experiments", experiments.len());
        for (title, text) in experiments {
            let name = path.trim_start_matches("labs/").trim_end_matches("/README.md");
            let title = format!("{name}: {title}");
            if let Some(why) = prose(&text) {
                missing.push(format!("{title}: {why}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn what_counts_as_prose() {
    assert!(prose("Replace `a` by `b` and run it.").is_some());
    assert!(prose("```console\n```\nNow `cargo run --example 01_x` again.").is_some());
    assert!(prose("```console\n```\nNow send it with `printf a | nc`.").is_some());
    assert_eq!(prose("```console\n```\nThat was `read`.\n"), None);
    assert_eq!(prose("```rustc\n```\n"), None);
}

#[test]
fn a_diff_fits_in_exactly_one_place() {
    let text = Some("one\ntwo\n\nthree\ntwo\n");
    let cases: [(&[&str], &str); 8] = [
        (&[" one", "-two", "+2"], "one\n2\n\nthree\ntwo\n"),
        (&["@@", " one", "+half", "@@", "-three", " two"], "one\nhalf\ntwo\n\ntwo\n"),
        (&[" two", "", "+more"], "one\ntwo\n\nmore\nthree\ntwo\n"),
        (&["-two", "+2"], "fits in 2 places"),
        (&[" one", "-three", "+3"], "fits in 0 places"),
        (&["+four"], "shows no line that stands there"),
        (&[" one", " two"], "changes nothing"),
        (&["one", "+two"], "begins with ' ', '+' or '-'"),
    ];
    for (diff, expected) in cases {
        match apply(diff, text) {
            Ok(changed) => assert_eq!(changed, expected, "{diff:?}"),
            Err(error) => assert!(error.contains(expected), "{diff:?}: {error}"),
        }
    }
    assert_eq!(apply(&["+one", "+two"], None).unwrap(), "one\ntwo\n");
    assert!(apply(&[" one", "+two"], None).unwrap_err().contains("no such file"));
    assert!(apply(&[], text).unwrap_err().contains("empty"));
}

#[test]
fn behind_a_diff_stands_what_comes_of_it() {
    let diff = "```diff examples/01_blocking_upper_server.rs\n use std::io::{self, Read, Write};\n+// a line\n```\n";
    let runs =
        |name: &str| format!("**Terminal 1**\n```console\n$ cargo run --example {name}\n```\n");
    let server = runs("01_blocking_upper_server");
    let refused = "```rustc\nerror: no\n```\n";
    let cases = [
        (diff.to_owned(), Err(())),
        (format!("{diff}## Another scene\n{server}"), Err(())),
        (format!("{diff}{}", runs("01_blocking_upper_client")), Err(())),
        (format!("{diff}{server}"), Ok(1)),
        (format!("{diff}{refused}"), Ok(1)),
        (format!("{diff}{server}## Another scene\n{diff}{server}"), Ok(2)),
        (server.clone(), Ok(0)),
    ];
    for (text, expected) in cases {
        let page = Page { path: root().join("labs/page.md"), text };
        let planned = plan(&[page]).map(|experiments| experiments.len());
        assert_eq!(planned.as_ref().ok(), expected.as_ref().ok(), "{planned:?}");
    }
}

#[test]
fn only_programs_are_changed_and_an_exercise_as_it_was_given() {
    let diff = |path: &str, name: &str| Page {
        path: root().join("labs/page.md"),
        text: format!(
            "```diff {path}\n-fn main() -> Outcome {{\n+fn main() -> Outcome {{ // here\n```\n**Terminal 1**\n```console\n$ cargo run --example {name}\n```\n"
        ),
    };
    let exercise = plan(&[diff("labs/01_blocking_upper/practice.rs", "01_practice")]).unwrap();
    let starter = std::fs::read_to_string(root().join("labs/01_blocking_upper/starter.rs"));
    let changed = starter.unwrap().replace("Outcome {", "Outcome { // here");
    assert_eq!(exercise[0].files["labs/01_blocking_upper/practice.rs"], changed);
    let library = plan(&[diff("src/stop.rs", "01_practice")]).err().unwrap();
    assert!(library.ends_with("src/stop.rs is not a program"), "{library}");
}

/// A client that is an earlier lab's changes with that.
#[test]
fn a_diff_changes_the_programs_that_take_the_file_as_a_module() {
    let text = "```diff examples/02_blocking_greeter_client.rs\n-pub fn main() -> Outcome {\n+pub fn main() -> Outcome { // here\n```\n**Terminal 1**\n```console\n$ cargo run --example 03_threaded_greeter_client\n```\n";
    let page = Page { path: root().join("labs/page.md"), text: text.to_owned() };
    assert_eq!(plan(&[page]).map(|planned| planned.len()), Ok(1));
}
