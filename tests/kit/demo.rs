//! `cargo run -- demo` and `cargo run -- labs` as a person runs them.
//!
//! What the acts show is tested beside them, from the events that they record; here is what surrounds them.

use std::process::Stdio;

use assistant::process::program::Program;
use support::{PATIENCE, assistant, output, root, run, scratch, texts};

#[track_caller]
fn is_plain(lines: &[String]) {
    for line in lines {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(line.chars().count() <= 80, "{line}");
    }
}

/// The lanes of these lines: whose they are.
fn lanes(lines: &[String]) -> String {
    let client = |line: &String| {
        let name = line.strip_prefix("  ")?.chars().next()?;
        (name.is_ascii_uppercase() && line.contains('■')).then_some(name)
    };
    lines.iter().filter_map(client).collect()
}

/// The lines of a console that is drawn.
fn console(lines: &[String]) -> Vec<&String> {
    let is_drawn = |line: &&String| {
        let mark = line.strip_prefix("  ").and_then(|line| line.strip_prefix(['A', 'B', 'C']));
        mark.is_some_and(|mark| mark.starts_with(" │") || mark.starts_with(" ✗"))
    };
    lines.iter().filter(is_drawn).collect()
}

#[test]
fn the_whole_demonstration_in_a_file() {
    let lines = output(&mut assistant(&["demo", "--think", "0.2"]));
    is_plain(&lines);
    assert_eq!(lanes(&lines), "ABCABCABCABC", "four acts of six have lanes");
    let headings: Vec<_> = lines.iter().filter(|line| line.starts_with("Act ")).collect();
    assert_eq!(headings.len(), 6, "{headings:#?}");
    let text = lines.join(" ");
    // At least: on a busy machine the other acts can look the same after so short a time.
    assert!(text.matches("B and C were served only after A had thought.").count() >= 2, "{text}");
    // Three times two messages, each of which prints a line with a name and a line with a text.
    assert_eq!(console(&lines).len(), 24, "{lines:#?}");
    assert!(text.contains("0 of 6 records are torn."), "{text}");
    assert!(text.contains("    ✗ another client's line stands inside this record"), "{text}");
    assert!(console(&lines).iter().any(|line| line.contains('✗')), "{lines:#?}");
    let torn = lines.iter().find(|line| line.starts_with(" 4  threads")).unwrap();
    assert!(torn.contains("0 of 6 torn"), "{torn}");
    assert!(text.contains("Take home: "), "{text}");
}

#[test]
fn sentences_have_nothing_of_the_drawings() {
    let mut command = assistant(&["demo", "--plain", "--act", "1,3,11", "--think", "0.1"]);
    let lines = output(&mut command);
    is_plain(&lines);
    assert!(lines.iter().all(|line| line.is_ascii()), "{lines:#?}");
    let has =
        |begin: &str, end: &str| lines.iter().any(|it| it.contains(begin) && it.ends_with(end));
    assert!(has(": B is served, after waiting ", " for its greeting."), "{lines:#?}");
    assert!(has(": the thread of A prints \"Thread-1:\"", "."), "{lines:#?}");
    assert!(has(": D is refused, after waiting ", " for its greeting."), "{lines:#?}");
    assert!(has("Act 1, one thread: longest wait without A ", "."), "{lines:#?}");
}

#[test]
fn acts_clients_and_what_the_server_printed_from_another_folder() {
    let mut command = assistant(&["demo", "--act", "5,1", "--clients", "9", "--think", "0.2"]);
    // As without cargo: `target/debug/socketlab demo`.
    command
        .arg("--server-output")
        .current_dir(root().join("tests"))
        .env_remove("CARGO_MANIFEST_DIR");
    let lines = output(&mut command);
    is_plain(&lines);
    assert_eq!(lanes(&lines), "ABCDEFGHIABCDEFGHI");
    assert!(lines.iter().any(|line| line.starts_with("B to I each waited ")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("Take home")), "act 2 is not shown");
    let printed = |client: &str, text: &str| {
        lines.iter().any(|line| line.starts_with(&format!("  {client} ")) && line.contains(text))
    };
    for client in ["A", "I"] {
        assert!(printed(client, "Connection from: 127.0.0.1:"), "{lines:#?}");
        assert!(printed(client, &format!(" said: Yes, says {client}")), "{lines:#?}");
        assert!(printed(client, " has a thread, which waits for the lock"), "{lines:#?}");
    }
}

#[test]
fn the_wider_the_screen_the_longer_the_lanes() {
    let mut command = assistant(&["demo", "--act", "2", "--think", "0.1"]);
    let lines = output(command.env("COLUMNS", "120"));
    assert_eq!(lines.iter().map(|line| line.chars().count()).max(), Some(120), "{lines:#?}");
}

#[test]
fn two_at_once_do_not_disturb_each_other() {
    let both = [(); 2].map(|()| {
        Program::start(&mut assistant(&["demo", "--act", "1", "--think", "0.2"])).unwrap()
    });
    for program in both {
        let (status, lines, errors) = run(program, "");
        assert_eq!(status.code(), Some(0), "{lines:#?}\n{errors}");
    }
}

#[test]
fn with_pause_the_question_comes_first() {
    let mut command = assistant(&["demo", "--act", "2", "--think", "0.1", "--pause"]);
    let program = Program::start(&mut command).unwrap();
    let asked = program.wait_for(PATIENCE, "the prompt", |printed| {
        printed.partial().starts_with("Press Enter").then(|| texts(printed))
    });
    let asked = asked.unwrap_or_else(|gave_up| panic!("{gave_up}"));
    assert!(asked.join(" ").contains("Whose lane will look different?"), "{asked:#?}");
    assert_eq!(lanes(&asked), "");
    let (status, lines, _) = run(program, "\n");
    assert_eq!((status.code(), lanes(&lines).as_str()), (Some(0), "ABC"), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("act ")), "a table of one act: {lines:#?}");
}

#[test]
fn pictures_are_written_where_the_handouts_are() {
    let folder = scratch("pictures");
    let _ = std::fs::remove_dir_all(&folder);
    let mut command = assistant(&["demo", "--think", "0.1", "--svg"]);
    let lines = output(command.arg(&folder)).join(" ");
    for (picture, title) in [
        ("02_blocking_greeter/demo.svg", "Act 1: one thread"),
        ("03_threaded_greeter/demo.svg", "Act 2: a thread per client"),
        ("06_locked_names/demo-unlocked.svg", "Act 3: threads, and one console"),
        ("06_locked_names/demo-locked.svg", "Act 4: threads, one console, and a lock"),
        ("07_locked_reverse/demo-conversation.svg", "Act 5: threads, and one lock"),
        ("07_locked_reverse/demo-record.svg", "Act 6: the same lock, for each record"),
    ] {
        let svg = std::fs::read_to_string(folder.join(picture)).unwrap();
        assert!(svg.contains(&format!("<title id=\"title\">{title}")), "{picture}: {svg}");
        assert!(!svg.contains("<script") && svg.ends_with("</svg>\n"), "{picture}: {svg}");
        let (_, rest) = svg.split_once("<desc id=\"desc\">").unwrap();
        let (sentence, _) = rest.split_once("</desc>").unwrap();
        // Behind what to look at, if the act went as it should.
        let said = sentence.match_indices(". ").map(|(end, _)| &sentence[end + 2..]);
        let is_said = std::iter::once(sentence).chain(said).any(|it| lines.contains(it));
        assert!(is_said, "{picture} says {sentence}: {lines}");
    }
}

#[test]
fn a_picture_that_cannot_be_written_is_one_sentence() {
    let mut command = assistant(&["demo", "--act", "2", "--think", "0.1", "--svg", "Cargo.toml"]);
    let (status, _, errors) = run(Program::start(&mut command).unwrap(), "");
    assert_eq!(status.code(), Some(1));
    let last = errors.lines().last().unwrap_or_default();
    assert!(last.starts_with("Error: Cargo.toml") && last.ends_with("check --svg"), "{errors}");
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    let mut command = assistant(&["demo", "--think", "0.1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let end = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status.code(), Some(0), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        ["demo", "--act", "99"],
        ["demo", "--clients", "1"],
        ["demo", "--clients", "10"],
        ["demo", "--think", "0"],
        ["demo", "--think", "NaN"],
        ["labs", "8", "9"],
    ] {
        let (status, lines, errors) = run(Program::start(&mut assistant(&args)).unwrap(), "");
        assert_eq!(status.code(), Some(2), "{args:?}: {lines:#?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn help_is_below_80_columns() {
    for args in [&["--help"][..], &["labs", "--help"], &["demo", "--help"]] {
        is_plain(&output(&mut assistant(args)));
    }
}

#[test]
fn the_course_is_printed_with_and_without_its_name() {
    let course = output(&mut assistant(&[]));
    assert_eq!(course, output(&mut assistant(&["labs"])));
    is_plain(&course);
    let lab = output(&mut assistant(&["labs", "02"]));
    assert!(
        lab.contains(&"    cargo run --example 02_blocking_greeter_server".to_owned()),
        "{lab:#?}"
    );
}

/// What /proc knows about processes.
#[cfg(target_os = "linux")]
mod processes {
    use std::process::Command;

    use super::*;
    use support::built;

    /// Seconds, longer than anything takes: a test that waits for them fails.
    const LONG_THINK: &str = "60";

    /// The processes of servers that this assistant has started.
    fn servers_of(assistant: &Program) -> Vec<String> {
        let folder = format!("/assistant-{}-", assistant.id());
        let server = |entry: std::io::Result<std::fs::DirEntry>| {
            let process = entry.ok()?.path();
            let executable = std::fs::read_link(process.join("exe")).ok()?;
            executable.to_str()?.contains(&folder).then_some(())?;
            Some(process.file_name()?.to_str()?.to_owned())
        };
        std::fs::read_dir("/proc").unwrap().filter_map(server).collect()
    }

    /// The folder with the copies of the servers that this assistant runs.
    fn has_copies(assistant: &Program) -> bool {
        let profile = built();
        let folder = format!("assistant-{}-", assistant.id());
        let mut entries = std::fs::read_dir(profile).unwrap();
        entries.any(|entry| entry.unwrap().file_name().to_str().unwrap().starts_with(&folder))
    }

    /// An assistant in the middle of an act, and its server's process.
    fn in_mid_act() -> (Program, String) {
        let mut command = assistant(&["demo", "--act", "1", "--think", LONG_THINK]);
        let program = Program::start(&mut command).unwrap();
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            if let Some(server) = servers_of(&program).pop() {
                return (program, server);
            }
            assert!(std::time::Instant::now() < deadline, "no server: {:?}", program.printed());
            std::thread::sleep(support::POLL_INTERVAL);
        }
    }

    #[test]
    fn ctrl_c_leaves_nothing_behind() {
        let (mut program, _) = in_mid_act();
        program.signal("INT").unwrap();
        let end = program.wait_for_end(PATIENCE);
        assert_eq!(end.unwrap_or_else(|gave_up| panic!("{gave_up}")).code(), Some(130));
        let errors = program.printed().errors();
        assert!(errors == "Stopped by Ctrl-C; no server is left running.\n", "{errors}");
        assert_eq!(servers_of(&program), Vec::<String>::new());
        assert!(!has_copies(&program));
    }

    #[test]
    fn a_killed_server_is_reported_and_nothing_is_left_behind() {
        let (mut program, server) = in_mid_act();
        assert!(Command::new("kill").args(["-KILL", &server]).status().unwrap().success());
        let end = program.wait_for_end(PATIENCE);
        assert_eq!(end.unwrap_or_else(|gave_up| panic!("{gave_up}")).code(), Some(1));
        let errors = program.printed().errors();
        // It may have been killed before it was listening.
        let (_, failure) = errors.split_once("Error: 02_blocking_greeter_server ").unwrap();
        assert!(failure.contains("ended (signal: 9 (SIGKILL))"), "{errors}");
        assert_eq!(servers_of(&program), Vec::<String>::new());
        assert!(!has_copies(&program));
    }
}
