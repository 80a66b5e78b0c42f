//! `cargo run -- grow` as a person runs it: orders and shapes, never how long something takes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assistant::process::program::Program;
use support::{PATIENCE, assistant, run, scratch, texts};

/// Seconds, long beside the time in which a client that was late comes after all.
const THINK: &str = "0.2";

fn grow(args: &[&str]) -> Command {
    assistant(&[&["grow"], args].concat())
}

/// What it prints: lines that fit, but for paths.
#[track_caller]
fn output(command: &mut Command) -> Vec<String> {
    let lines = support::output(command);
    for line in &lines {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        let is_path = line.starts_with("Written: ") || !line.contains(' ');
        assert!(is_path || line.chars().count() <= 80, "{line}");
    }
    lines
}

fn file(name: &str) -> PathBuf {
    let file = scratch(name);
    let _ = std::fs::remove_file(&file);
    file
}

/// A line of the file of figures; the name of the server has no comma here.
struct Row {
    server: String,
    clients: usize,
    wait: f64,
    predicted: String,
    threads: String,
}

fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap();
    let (heading, rest) = text.split_once('\n').unwrap();
    assert_eq!(heading, "server,clients,rounds,longest_wait_ms,predicted_ms,threads,resident_kib");
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        assert_eq!(fields.len(), 7, "{line}");
        Row {
            server: fields[0].to_owned(),
            clients: fields[1].parse().unwrap(),
            wait: fields[3].parse().unwrap(),
            predicted: fields[4].to_owned(),
            threads: fields[5].to_owned(),
        }
    };
    rest.lines().map(row).collect()
}

/// The row of the server whose name begins like this.
#[track_caller]
fn find<'a>(rows: &'a [Row], server: &str, clients: usize) -> &'a Row {
    let row = rows.iter().find(|row| row.server.starts_with(server) && row.clients == clients);
    row.unwrap_or_else(|| panic!("no row for {clients} clients of {server}"))
}

#[test]
fn who_waits_in_turn_waits_longer_with_each_client() {
    let (csv, svg) = (file("grow.csv"), file("grow.svg"));
    let mut command = grow(&["--clients", "4,1", "--think", THINK, "--csv"]);
    let lines = output(command.arg(&csv).arg("--svg").arg(&svg));
    let rows = rows(&csv);
    for (serial, threaded) in
        [("02 one thread", "03 a thread"), ("07 lock: conversation", "07 lock: record")]
    {
        let [alone, last, free] =
            [(serial, 1), (serial, 4), (threaded, 4)].map(|(server, n)| find(&rows, server, n));
        assert!(alone.wait < last.wait && free.wait < last.wait, "{serial}: {lines:#?}");
        let predicted = [&alone.predicted, &last.predicted, &free.predicted];
        assert_eq!(predicted, ["0.000", "600.000", "0.000"], "{serial}");
    }
    if cfg!(target_os = "linux") {
        assert_eq!(find(&rows, "02", 4).threads, "1");
        // Five, if a busy machine lets all of them be seen; and those of the round before, if they have not ended yet.
        let threads: usize = find(&rows, "07 lock: conversation", 4).threads.parse().unwrap();
        assert!((2..=5 + 4).contains(&threads), "{threads} threads");
    }
    let text = lines.join(" ");
    assert!(text.contains("Take home: ") && text.contains("the prediction is 200 ms"), "{text}");
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.ends_with("</svg>\n") && !svg.contains("<script"), "{svg}");
    assert!(svg.contains(">07 lock: record</text>"), "{svg}");
}

/// A command that starts the server of lab 02, as `sh` reads it.
#[cfg(unix)]
fn greeter() -> String {
    let server = support::example("02_blocking_greeter_server");
    format!("'{}' --port {{port}}", server.display())
}

/// A server of one's own, by the shell's command line, which is longer than a line of the screen; the
/// prediction is left out.
#[test]
#[cfg(unix)]
fn another_program_is_measured_beside_the_labs() {
    let csv = file("grow_server.csv");
    let server = format!(
        "{} # no shell reads this but the heading and the table must not be wider",
        greeter()
    );
    let mut command = grow(&["2", "--clients", "1", "--think", "0.01", "--server", &server]);
    output(command.arg("--csv").arg(&csv));
    let rows = rows(&csv);
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].server.as_str(), rows[0].predicted.as_str()), ("02 one thread", "0.000"));
    assert_eq!((&rows[1].server, rows[1].predicted.as_str()), (&server, ""));
}

#[test]
#[cfg(unix)]
fn a_server_that_does_not_do_its_part_is_one_sentence() {
    let wrong = format!("{} --wrong", greeter());
    for (server, words) in [
        ("exit 3", "`exit 3` ended before it was listening; it printed nothing"),
        (wrong.as_str(), " ended before it was listening; its last lines:"),
    ] {
        let mut command = grow(&["2", "--clients", "1", "--think", "0.01", "--server", server]);
        let (status, lines, errors) = run(Program::start(&mut command).unwrap(), "");
        assert_eq!(status.code(), Some(1), "{lines:#?}");
        assert!(errors.starts_with("Error: `") && errors.contains(words), "{errors}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for args in [
        ["--clients", "0"],
        ["--clients", "101"],
        ["--clients", "1,many"],
        ["--think", "0"],
        ["--think", "NaN"],
        ["02", "04"],
    ] {
        let (status, lines, errors) = run(Program::start(&mut grow(&args)).unwrap(), "");
        assert_eq!(status.code(), Some(2), "{args:?}: {lines:#?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_found_before_anything_is_measured() {
    for option in ["--csv", "--svg"] {
        let mut command = grow(&["3", option, "Cargo.toml/file"]);
        let (status, lines, errors) = run(Program::start(&mut command).unwrap(), "");
        assert_eq!((status.code(), lines.len()), (Some(1), 0), "{lines:#?}");
        assert!(errors.starts_with("Error: Cargo.toml/file cannot be written ("), "{errors}");
        assert!(errors.ends_with(&format!(": check {option}\n")), "{errors}");
    }
}

#[test]
fn with_pause_the_question_comes_first() {
    let mut command = grow(&["3", "--clients", "1,2", "--think", "0.01", "--pause"]);
    let program = Program::start(&mut command).unwrap();
    let asked = program.wait_for(PATIENCE, "the prompt", |printed| {
        printed.partial().starts_with("Press Enter").then(|| texts(printed))
    });
    let asked = asked.unwrap_or_else(|gave_up| panic!("{gave_up}")).join(" ");
    assert!(
        asked.contains("How much does one more client add to the longest wait now?"),
        "{asked}"
    );
    assert!(!asked.contains('│'), "{asked}");
    let (status, lines, _) = run(program, "\n");
    assert_eq!(status.code(), Some(0), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains('│')), "{lines:#?}");
}

#[test]
fn a_closed_pipe_ends_it_without_a_word() {
    let mut command = grow(&["3", "--clients", "1", "--think", "0.01"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let end = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status.code(), Some(0), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
}

/// What /proc knows about processes.
#[cfg(target_os = "linux")]
mod processes {
    use super::*;

    /// The processes whose command line contains `words`, but for this one.
    fn running(words: &str) -> Vec<String> {
        let process = |entry: std::io::Result<std::fs::DirEntry>| {
            let folder = entry.ok()?.path();
            let line = std::fs::read(folder.join("cmdline")).ok()?;
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            line.contains(words).then(|| folder.file_name()?.to_str().map(str::to_owned))?
        };
        std::fs::read_dir("/proc").unwrap().filter_map(process).collect()
    }

    /// In the middle of a round that takes a minute: both a lab's server and a command's.
    #[test]
    fn ctrl_c_in_mid_round_leaves_nothing_behind() {
        let other = file("server_of_grow_that_must_end");
        std::fs::copy(support::example("02_blocking_greeter_server"), &other).unwrap();
        let server = format!("'{}' --port {{port}}", other.display());
        for args in [&["2"][..], &["3", "--server", &server]] {
            let mut command = grow(args);
            command.args(["--clients", if args.len() > 1 { "1,60" } else { "60" }]);
            let mut program = Program::start(command.args(["--think", "1"])).unwrap();
            let own = match args {
                ["2"] => format!("/assistant-{}-", program.id()),
                _ => "server_of_grow_that_must_end --port".to_owned(),
            };
            let deadline = std::time::Instant::now() + PATIENCE;
            while running(&own).is_empty() {
                assert!(std::time::Instant::now() < deadline, "no server: {:?}", program.printed());
                std::thread::sleep(support::POLL_INTERVAL);
            }
            program.signal("INT").unwrap();
            let end = program.wait_for_end(PATIENCE);
            assert_eq!(end.unwrap_or_else(|gave_up| panic!("{gave_up}")).code(), Some(130));
            let errors = program.printed().errors();
            assert!(errors == "Stopped by Ctrl-C; no server is left running.\n", "{errors}");
            assert_eq!(running(&own), Vec::<String>::new());
        }
    }
}
