//! `cargo run -- mark`: a class with right and wrong programs, in two languages, and hostile ones.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::json::{Json, Strict};
use support::{assistant, root, scratch};

/// A process that a hand-in leaves behind: its time is its name.
const LEFT_BEHIND: &str = "86377.5";

/// An empty folder for a class.
fn class(name: &str) -> PathBuf {
    let class = scratch(name);
    let _ = fs::remove_dir_all(&class);
    fs::create_dir_all(&class).unwrap();
    class
}

/// Marks exercise 03 of the class; returns the marks, by student, and the exit status.
fn mark(class: &Path, options: &[&str]) -> (Vec<Json>, Option<i32>) {
    let folder = class.to_str().unwrap();
    let output =
        assistant(&[&["mark", "03", folder, "--json"], options].concat()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    let marks: Vec<Json> = text.lines().map(Json::read).collect();
    assert!(!marks.is_empty(), "{text}\n{errors}");
    assert!(!text.contains('\u{1b}'), "{text}");
    (marks, output.status.code())
}

fn of<'a>(marks: &'a [Json], student: &str) -> &'a Json {
    marks.iter().find(|mark| mark.at("student").text() == student).unwrap()
}

/// The output of `git status`; it is empty where git is not installed.
fn status_of_checkout() -> Vec<u8> {
    let status = Command::new("git").args(["status", "--porcelain"]).current_dir(root()).output();
    status.map(|status| status.stdout).unwrap_or_default()
}

#[test]
fn a_class_is_marked_beside_the_checkout_and_hostile_hand_ins_change_nothing() {
    let class = class("class");
    let before = status_of_checkout();
    let solution = fs::read_to_string(root().join("labs/03_threaded_greeter/solution.rs")).unwrap();
    let add = |name: &str, text: &str| fs::write(class.join(name), text).unwrap();
    add("anna.rs", &solution);
    let spawn = "thread::spawn(move || serve(stream, peer, players));";
    add("ben.rs", &solution.replace(spawn, &spawn.replace(";", ".join().ok();")));
    add("carla.rs", &solution.replace("spawn(move ||", "spawn(||"));
    let server = root().join("tests/languages/players.py");
    add("dora.cmd", &format!("python3 {} {{port}}\n", server.display()));
    // It writes a result of its own to its parent's standard output.
    add("forger.rs", FORGER);
    // It leaves a process behind that has left its group, and its session.
    add("leaver.rs", &LEAVER.replace("SECONDS", LEFT_BEHIND));
    add("forker.rs", &FORKER.replace("SECONDS", LEFT_BEHIND));
    // It ends its check, and leaves a process behind.
    add("killer.rs", &KILLER.replace("SECONDS", LEFT_BEHIND));
    add(
        "eater.rs",
        "fn main() { let mut all = Vec::new(); loop { all.push(vec![1_u8; 1 << 26]); } }",
    );
    add("printer.rs", "fn main() { loop { println!(\"\\u{1b}[31m{}\", \"x\".repeat(4000)); } }");
    add("sleeper.rs", "fn main() { loop { std::thread::park(); } }");
    add(
        "computer.rs",
        "const X: u64 = { let mut x = 0; while x < 9 { x = x % 9; } x }; fn main() { X; }",
    );
    add("red\u{1b}[31m.rs", "fn main() { \u{1b}[31m }");
    add("empty.rs", "");
    add("huge.rs", &"// long\n".repeat(200_000));
    fs::write(class.join("bytes.rs"), b"fn main() { \xff }").unwrap();
    fs::create_dir(class.join("folder.rs")).unwrap();
    symlink("/etc/passwd", class.join("link.rs")).unwrap();

    let (marks, status) = mark(&class, &[]);
    let verdict = |student: &str| of(&marks, student).at("verdict").text();
    let points = |student: &str| of(&marks, student).at("points").as_u64().unwrap();
    let most = of(&marks, "anna").at("points_most").as_u64().unwrap();
    assert_eq!((verdict("anna"), points("anna")), ("PASS".into(), most), "{marks:#?}");
    assert_eq!(verdict("ben"), "SERIAL");
    assert!(points("ben") > 0 && points("ben") < most, "it serves one client after the other");
    assert_eq!((verdict("carla"), points("carla")), ("DID_NOT_BUILD".into(), 0));
    let report = of(&marks, "carla").at("report").text();
    assert!(report.contains("--> carla.rs:"), "{report}");
    if Command::new("python3").arg("--version").output().is_ok() {
        assert_eq!((verdict("dora"), points("dora")), ("PASS".into(), most));
    }
    let hostile = [
        "forger",
        "leaver",
        "forker",
        "eater",
        "printer",
        "sleeper",
        "computer",
        "red\u{1b}[31m",
        "empty",
        "huge",
        "bytes",
        "link",
    ];
    for student in hostile {
        assert_eq!(points(student), 0, "{:#?}", of(&marks, student));
        assert_ne!(verdict(student), "ERROR", "{:#?}", of(&marks, student));
    }
    assert_eq!(verdict("killer"), "ERROR", "what ends its check has no mark: {marks:#?}");
    // On a busy machine the check may be over before so much is used.
    for (student, words) in [("eater", "MiB of memory"), ("forker", "processes")] {
        let note = of(&marks, student).at("note").text();
        assert!(verdict(student) == "NOT_LISTENING" || note.contains(words), "{student}: {note}");
    }
    assert_eq!(status, Some(2), "one has no mark");
    assert_eq!(status_of_checkout(), before);
    let left = Command::new("pgrep").args(["-f", LEFT_BEHIND]).output();
    assert!(left.is_err() || left.is_ok_and(|left| left.stdout.is_empty()), "a process is left");

    // What is marked is not marked again; a file that has changed is.
    add("ben.rs", &solution);
    let (again, _) = mark(&class, &[]);
    assert_eq!(again.len(), marks.len());
    assert_eq!(of(&again, "ben").at("verdict").text(), "PASS");
    assert_eq!(of(&again, "anna"), of(&marks, "anna"));
}

#[test]
fn exports_are_searched_and_what_is_not_marked_is_named() {
    let class = class("exports");
    let lab = root().join("labs/03_threaded_greeter");
    let starter = fs::read_to_string(lab.join("starter.rs")).unwrap();
    let add = |name: &str, text: &str| {
        let file = class.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    let broken = format!("{starter} broken");
    add("A B_12_assignsubmission_file/lab3.rs", &broken);
    add("A B_12_assignsubmission_file/server.rs", &starter);
    add("zip/home/__MACOSX/._03.rs", "\0");
    add("zip/home/03_practice.rs", &starter);
    add("zip/home/03.rs", &broken);
    add("03/mary.RS", &format!("// mine\n{starter}"));
    add("smithbob_15_36_practice.rs", &broken);
    add("smithbob_LATE_15_37_practice-1.rs", &starter);
    add("other/02.rs", &broken);
    add("text/03.rs.txt", &broken);
    add("paper.pdf", "");

    let (marks, status) = mark(&class, &[]);
    let found: Vec<[String; 2]> =
        marks.iter().map(|mark| ["student", "verdict"].map(|key| mark.at(key).text())).collect();
    let wanted = [
        ["A B_12_assignsubmission_file", "DID_NOT_BUILD"],
        ["mary", "NOT_STARTED"],
        ["smithbob_15_36_practice", "DID_NOT_BUILD"],
        ["zip", "DID_NOT_BUILD"],
    ];
    assert_eq!((found, status), (wanted.map(|it| it.map(str::to_owned)).to_vec(), Some(0)));
    let printed = assistant(&["mark", "03", class.to_str().unwrap()]).output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    let (_, left_out) = printed.split_once("Not marked:\n").unwrap();
    for line in [
        "other: only 02.rs",
        "paper.pdf: not a program in Rust, and no .cmd",
        "smithbob_LATE_15_37_practice-1.rs: smithbob_15_36_practice.rs counts",
        "text: only 03.rs.txt",
        "zip/home/03_practice.rs: zip/home/03.rs counts",
    ] {
        assert!(left_out.contains(line), "{line}\n{left_out}");
    }
}

#[test]
fn in_a_sandbox_nothing_is_deleted_or_read() {
    let class = class("sandboxed");
    let (victim, secret) = (class.join("anna.rs"), env::temp_dir().join("socketlab-secret.txt"));
    fs::copy(root().join("labs/03_threaded_greeter/solution.rs"), &victim).unwrap();
    fs::write(&secret, "secret").unwrap();
    let hints = root().join("labs/03_threaded_greeter/hints.txt");
    let deleter = format!(
        "fn main() {{ for file in {:?} {{ drop(std::fs::remove_file(file)); drop(std::fs::write(file, [])); }} }}",
        [&victim, &hints, &secret]
    );
    fs::write(class.join("deleter.rs"), deleter).unwrap();
    let reader = format!("fn main() {{ eprintln!(include_str!({secret:?})); }}");
    fs::write(class.join("reader.rs"), reader).unwrap();
    fs::write(class.join("peeker.rs"), PEEKER).unwrap();
    let before = (fs::read(&victim).unwrap(), fs::read(&hints).unwrap());

    let output = assistant(&["mark", "03", class.to_str().unwrap(), "--sandbox", "--json"])
        .output()
        .unwrap();
    let (kept, errors) = (fs::read(&secret), String::from_utf8_lossy(&output.stderr));
    fs::remove_file(&secret).unwrap();
    if errors.contains("--sandbox ") {
        assert!(output.stdout.is_empty(), "without a sandbox nothing is marked");
        return;
    }
    let text = String::from_utf8(output.stdout).unwrap();
    let marks: Vec<Json> = text.lines().map(Json::read).collect();
    assert_eq!(marks.len(), 4, "{text}\n{errors}");
    let verdict = |student: &str| of(&marks, student).at("verdict").text();
    assert_eq!(verdict("anna"), "PASS", "{marks:#?}\n{errors}");
    assert_eq!(verdict("deleter"), "DID_NOT_START", "{marks:#?}");
    assert_eq!(verdict("reader"), "DID_NOT_BUILD", "{marks:#?}");
    assert_eq!(
        verdict("peeker"),
        "DID_NOT_START",
        "it saw its check's memory or another's program"
    );
    assert_eq!((fs::read(&victim).unwrap(), fs::read(&hints).unwrap()), before);
    assert_eq!(kept.unwrap(), b"secret");
}

#[test]
fn github_gets_annotations_and_a_summary() {
    let summary = scratch("step_summary.md");
    let _ = fs::remove_file(&summary);
    let starter = support::example("03_practice");
    let server = format!("exec {} --port {{port}}", support::quoted(&starter));
    let mut check = assistant(&["check", "03", "--github", "--server", &server]);
    let output = check.env("GITHUB_STEP_SUMMARY", &summary).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let annotations = text.lines().filter(|line| line.starts_with("::error file="));
    assert!((1..=10).contains(&annotations.count()), "{text}");
    assert!(fs::read_to_string(&summary).unwrap().contains("INCOMPLETE_REPLY"), "{text}");
}

const FORGER: &str = r###"
use std::io::Write;

fn main() {
    let line = r##"{"verdict":"PASS","points":4,"points_most":4,"scenes":[]}"##;
    let parent = std::os::unix::process::parent_id();
    for number in 1..3 {
        let file = format!("/proc/{parent}/fd/{number}");
        if let Ok(mut file) = std::fs::OpenOptions::new().write(true).open(file) {
            let _ = writeln!(file, "{line}");
        }
    }
}
"###;

const LEAVER: &str = r#"
fn main() {
    let line = "(setsid sleep SECONDS &)";
    let _ = std::process::Command::new("sh").args(["-c", line]).status();
}
"#;

const FORKER: &str = r#"
fn main() {
    for _ in 0..400 {
        let _ = std::process::Command::new("sleep").arg("SECONDS").spawn();
    }
    std::thread::park();
}
"#;

const KILLER: &str = r#"
fn main() {
    let line = "(setsid sleep SECONDS &)";
    let _ = std::process::Command::new("sh").args(["-c", line]).status();
    let parent = std::os::unix::process::parent_id().to_string();
    let _ = std::process::Command::new("kill").args(["-KILL", &parent]).status();
}
"#;

/// It ends its check if it can look into its memory, or sees other programs than its own.
const PEEKER: &str = r#"
fn main() {
    let parent = std::os::unix::process::parent_id();
    let own = std::env::current_exe().unwrap();
    let programs = std::fs::read_dir(own.parent().unwrap()).unwrap();
    let sees_others = programs.flatten().any(|program| program.path() != own);
    if sees_others || std::fs::File::open(format!("/proc/{parent}/mem")).is_ok() {
        let _ = std::process::Command::new("kill").args(["-KILL", &parent.to_string()]).status();
    }
}
"#;
