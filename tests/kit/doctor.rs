//! `cargo run -- doctor`: what it says of this machine, and of what is wrong with it.

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use assistant::process::program::Program;
use support::json::{Json, Strict};
use support::{assistant, assistant_program, run, scratch};

/// The exit status, and all findings.
fn findings(command: &mut Command) -> (Option<i32>, Json) {
    let (status, lines, errors) = run(Program::start(command.arg("--json")).unwrap(), "");
    assert_eq!(lines.len(), 1, "{lines:#?}\n{errors}");
    (status.code(), Json::read(&lines[0]))
}

/// The state, the text and the cure of one finding.
fn found(findings: &Json, name: &str) -> [String; 3] {
    let finding = findings.items().iter().find(|finding| finding.at("name").text() == name);
    ["state", "text", "cure"].map(|key| finding.unwrap().at(key).text())
}

#[test]
fn each_finding_is_printed_once_within_80_columns() {
    let (_, all) = findings(&mut assistant(&["doctor"]));
    let (_, lines, errors) = run(Program::start(&mut assistant(&["doctor"])).unwrap(), "");
    assert!(errors.is_empty(), "{errors}");
    // Another test may take a port meanwhile: states can differ.
    let name_of = |line: &String| Some(line.get(7..19)?.trim().to_owned());
    let names: Vec<String> = lines.iter().filter_map(name_of).collect();
    for finding in all.items() {
        let name = finding.at("name").text();
        assert_eq!(names.iter().filter(|it| **it == name).count(), 1, "{name}: {lines:#?}");
        assert_eq!(finding.at("cure").text().is_empty(), finding.at("state").text() == "ok");
    }
    let is_head = |line: &&String| ["ok ", "note ", "wrong "].iter().any(|it| line.starts_with(it));
    assert_eq!(lines.iter().filter(is_head).count(), all.items().len(), "{lines:#?}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
    for name in ["Rust", "linker", "loopback", "examples", "offline"] {
        assert_eq!(found(&all, name)[0], "ok", "{all}");
    }
}

#[test]
fn settings_that_change_the_lessons_are_told_with_their_cure() {
    let mut doctor = assistant(&["doctor"]);
    doctor.env("CARGO_PROFILE_DEV_PANIC", "abort").env("RUSTFLAGS", "-D warnings");
    let (status, all) = findings(&mut doctor);
    assert_eq!(status, Some(1), "{all}");
    for (name, variable) in [("panic", "CARGO_PROFILE_DEV_PANIC"), ("warnings", "RUSTFLAGS")] {
        let [state, _, cure] = found(&all, name);
        assert_eq!([state, cure], ["wrong".to_owned(), format!("unset {variable}")]);
    }
}

#[test]
fn a_port_of_a_lab_that_is_taken_is_told_with_its_program() {
    // If another program has the port, that is told.
    let _taken = TcpListener::bind(("127.0.0.1", 2022));
    let (status, all) = findings(&mut assistant(&["doctor"]));
    let [state, text, cure] = found(&all, "lab ports");
    assert_eq!((status, &*state), (Some(1), "wrong"), "{all}");
    let told = if cfg!(target_os = "linux") { "2022 is taken (" } else { "2022 is taken" };
    assert!(text.contains(told) && cure.contains("--port"), "{text}: {cure}");
}

#[test]
fn what_linux_alone_tells_is_a_note_elsewhere() {
    for (system, words) in [("macos", "not seen"), ("sandbox", "sock_diag is refused")] {
        let (_, all) = findings(assistant(&["doctor"]).env("SOCKETLAB_SYSTEM", system));
        let [state, text, _] = found(&all, "threads");
        assert!(state == "note" && (!cfg!(target_os = "linux") || text.contains(words)), "{text}");
    }
}

#[test]
fn a_program_that_was_installed_says_where_it_works() {
    let installed = scratch("installed");
    fs::create_dir_all(&installed).unwrap();
    let program = installed.join(assistant_program().file_name().unwrap());
    let _ = fs::remove_file(&program);
    // A link: a copy could still be open for writing when it is started.
    fs::hard_link(assistant_program(), &program).unwrap();
    for args in
        [&["check", "03"][..], &["hint", "03"], &["reset", "03"], &["mark", "."], &["doctor"]]
    {
        let mut command = Command::new(&program);
        let (status, lines, errors) = run(Program::start(command.args(args)).unwrap(), "");
        assert!(!status.success() && lines.is_empty(), "{args:?}: {lines:#?}");
        let sentence = "Error: socketlab works only inside of a checkout of the kit";
        assert!(errors.starts_with(sentence) && errors.lines().count() == 1, "{errors}");
    }
}
