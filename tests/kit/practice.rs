//! The student's file: what is judged is what stands in it, and only its own mistakes are the student's.

use std::fs;
use std::time::{Duration, SystemTime};

use assistant::course::{LABS, Lab};
use assistant::process::program::{Printed, Program};
use support::json::{Json, Strict};
use support::kit::{KIT_TIMEOUT, Kit, finish};

/// Puts `text` in place as `cp -p` and `mv` do: with a time of its own, long ago.
fn put_with_an_old_time(kit: &Kit, text: &str) {
    fs::write(kit.practice(), text).unwrap();
    let file = fs::File::options().append(true).open(kit.practice()).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
}

#[test]
fn a_file_with_an_old_time_is_judged_by_its_contents() {
    let kit = Kit::copy();
    fs::write(kit.practice(), kit.solution()).unwrap();
    let (verdict, solved) = kit.verdict();
    assert_eq!(verdict, "PASS");

    put_with_an_old_time(&kit, &kit.starter());
    let (verdict, started) = kit.verdict();
    assert_eq!(verdict, "CLOSED_EARLY", "the solution was judged: {started:?}");
    assert_ne!(started.at("contents"), solved.at("contents"));

    put_with_an_old_time(&kit, &kit.solution());
    let (verdict, again) = kit.verdict();
    assert_eq!(verdict, "PASS", "the starter was judged: {again:?}");
    assert_eq!(again.at("contents"), solved.at("contents"));

    // `cargo run` builds into the same folder, and the checker does not see it.
    fs::write(kit.practice(), kit.starter()).unwrap();
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["build", "--example", "01_practice", "--target-dir", "target"]);
    let (status, _, errors) = finish(cargo.current_dir(&kit.folder));
    assert_eq!(status, Some(0), "{errors}");
    put_with_an_old_time(&kit, &kit.solution());
    assert_eq!(kit.verdict().0, "PASS", "what cargo run had built was judged");
}

/// What is put in place while cargo works is what is judged, and named.
#[test]
#[cfg(unix)]
fn a_file_that_changes_during_the_build_is_built_again() {
    use std::os::unix::fs::PermissionsExt;

    let kit = Kit::copy();
    let (cargo, changed) = (kit.folder.join("cargo.sh"), kit.folder.join("changed"));
    let _ = fs::remove_dir(&changed);
    let script = format!(
        "#!/bin/sh\n'{}' \"$@\"\nstatus=$?\nmkdir '{}' 2>/dev/null && cat '{}' > '{}'\nexit $status\n",
        env!("CARGO"),
        changed.display(),
        kit.folder.join("labs/01_blocking_upper/solution.rs").display(),
        kit.practice().display()
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let mut check = kit.command(&["check", "01", "--json"]);
    let (_, text, errors) = finish(check.env("CARGO", &cargo));
    assert!(changed.exists(), "{errors}");
    let (line, unchanged) = (Json::read(&text), kit.verdict().1);
    assert_eq!(line.at("verdict").text(), "PASS", "{text}");
    assert_eq!(line.at("contents"), unchanged.at("contents"));
}

#[track_caller]
fn is_the_machines(outcome: (Option<i32>, String, String), words: &[&str]) {
    let (status, text, errors) = outcome;
    assert_eq!((status, text.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.starts_with("Error: "), "{errors}");
    for word in words {
        assert!(errors.contains(word), "no {word:?} in {errors}");
    }
}

#[test]
fn what_the_machine_cannot_build_is_not_the_students() {
    let kit = Kit::copy();
    let check = || kit.command(&["check", "01", "--json"]);

    fs::remove_file(kit.practice()).unwrap();
    is_the_machines(finish(&mut check()), &["practice.rs cannot be read", "cargo run -- reset 01"]);
    fs::create_dir(kit.practice()).unwrap();
    is_the_machines(finish(&mut check()), &["it is not a file"]);
    fs::remove_dir(kit.practice()).unwrap();
    fs::write(kit.practice(), kit.starter()).unwrap();

    let manifest = kit.folder.join("Cargo.toml");
    let right = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, format!("{right}\n[[broken\n")).unwrap();
    let mut coloured = check();
    let outcome = finish(coloured.env("CARGO_TERM_COLOR", "always"));
    assert!(!outcome.2.contains('\x1b'), "{}", outcome.2);
    is_the_machines(outcome, &["git checkout Cargo.toml", "--> Cargo.toml:"]);
    fs::write(&manifest, right).unwrap();

    let console = kit.folder.join("src/console.rs");
    let right = fs::read_to_string(&console).unwrap();
    fs::write(&console, format!("{right}\nbroken\n")).unwrap();
    let words = ["the kit itself does not build", "src/console.rs"];
    is_the_machines(finish(&mut check()), &words);
    fs::write(&console, right).unwrap();

    let words = ["cargo cannot be started", "is Rust installed"];
    is_the_machines(finish(check().env("CARGO", "no-such-cargo")), &words);
}

/// Only rustc is on the PATH, and not the compiler of C that links.
#[test]
#[cfg(target_os = "linux")]
fn a_missing_linker_is_not_the_students() {
    let kit = Kit::copy();
    assert_eq!(kit.verdict().0, "CLOSED_EARLY");
    let path = std::env::var_os("PATH").unwrap();
    let rustc =
        std::env::split_paths(&path).map(|folder| folder.join("rustc")).find(|it| it.exists());
    let folder = kit.folder.join("only-rustc");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(rustc.unwrap(), folder.join("rustc")).unwrap();
    fs::write(kit.practice(), kit.solution()).unwrap();
    let mut check = kit.command(&["check", "01", "--json"]);
    is_the_machines(finish(check.env("PATH", &folder)), &["install a C compiler"]);
}

#[test]
fn the_compilers_words_come_without_colours_and_warnings_with_the_verdict() {
    let kit = Kit::copy();
    let coloured = |args: &[&str]| {
        let (status, text, _) = finish(kit.command(args).env("CARGO_TERM_COLOR", "always"));
        assert!(!text.contains('\x1b') && !text.contains("\\u001b"), "{text}");
        (status, text)
    };
    fs::write(kit.practice(), kit.starter().replace("let mut buffer", "let buffer")).unwrap();
    let (status, text) = coloured(&["check", "01"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("  error[E0596]: cannot borrow `buffer` as mutable"), "{text}");

    fs::write(kit.practice(), kit.starter() + "\nfn nobody_calls_this() {}\n").unwrap();
    for _ in 0..2 {
        // The second time nothing is built, and cargo repeats what it said.
        let (_, text) = coloured(&["check", "01"]);
        assert!(text.contains("CLOSED_EARLY: "), "{text}");
        let short = ": function `nobody_calls_this` is never used\n";
        assert!(text.contains("\nThe compiler warns\n  line ") && text.contains(short), "{text}");
        let (_, text) = coloured(&["check", "01", "--details"]);
        assert!(text.contains("\nThe compiler warns\n  warning: function `nobody_calls"), "{text}");
    }
    let (_, text) = coloured(&["check", "01", "--json"]);
    assert_eq!(Json::read(&text).at("warnings").items().len(), 7, "{text}");

    // A file that is not text is the student's.
    fs::write(kit.practice(), b"fn main() {} // \xff\xfe").unwrap();
    assert_eq!(kit.verdict().0, "DID_NOT_BUILD");
}

#[test]
fn reset_puts_the_starter_back_whatever_the_file_holds() {
    let kit = Kit::copy();
    let own = b"fn main() {} // \xff\xfe";
    fs::write(kit.practice(), own).unwrap();
    let (status, text) = kit.run(&["reset", "01"]);
    assert_eq!(status, Some(0), "{text}");
    assert_eq!(kit.kept(), ["practice.rs.kept-1"]);
    assert_eq!(fs::read(kit.practice().with_file_name("practice.rs.kept-1")).unwrap(), own);
    assert_eq!(fs::read_to_string(kit.practice()).unwrap(), kit.starter());
    // As a checkout on Windows has it.
    fs::write(kit.practice(), kit.starter().replace('\n', "\r\n")).unwrap();
    let (_, text) = kit.run(&["reset", "01"]);
    assert!(text.ends_with("practice.rs is the starter already."), "{text}");
}

/// The shell's limit on the size of files stands for a full disk.
#[test]
#[cfg(unix)]
fn a_reset_that_cannot_be_written_leaves_everything_as_it_was() {
    let kit = Kit::copy();
    // Small enough to be kept; the starter is more than twice as large as the limit of 512 bytes.
    let own = "// short\n";
    fs::write(kit.practice(), own).unwrap();
    assert!(kit.starter().len() > 1024);
    for limit in ["0", "1"] {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" reset 01")]);
        shell.arg(kit.executable()).env("CARGO_MANIFEST_DIR", &kit.folder);
        let (status, text, errors) = finish(shell.current_dir(&kit.folder));
        assert_eq!(status, Some(1), "{text}");
        assert!(errors.contains(" cannot be written (file too large)"), "{errors}");
        assert_eq!(fs::read_to_string(kit.practice()).unwrap(), own, "limit {limit}");
        assert_eq!(kit.kept(), Vec::<String>::new(), "limit {limit}");
    }
}

#[test]
fn a_hint_is_given_although_it_cannot_be_counted() {
    let kit = Kit::copy();
    fs::create_dir(kit.folder.join("target/debug/hints-given-01")).unwrap();
    let (status, text) = kit.run(&["hint", "01"]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.starts_with("Exercise 01, hint 1 of 3\n"), "{text}");
    assert!(text.contains("The next time this hint comes again"), "{text}");
}

#[test]
fn what_students_do_not_get_their_lecturer_has() {
    let kit = Kit::copy();
    for (command, file) in [("solution", "solution.rs"), ("hint", "hints.txt")] {
        fs::remove_file(kit.practice().with_file_name(file)).unwrap();
        let (_, _, errors) = finish(&mut kit.command(&[command, "01"]));
        let sentence = "the students' edition of the kit has no";
        assert_eq!(errors, format!("Error: {sentence} {file}: your lecturer has it\n"));
    }
}

#[test]
fn a_program_that_was_moved_with_the_kit_checks_the_kit_around_it() {
    let kit = Kit::copy();
    fs::write(kit.practice(), kit.starter() + "// moved\n").unwrap();
    let mut check = kit.command(&["check", "01", "--json"]);
    check.env_remove("CARGO_MANIFEST_DIR").current_dir("/");
    let (_, text, errors) = finish(&mut check);
    assert!(!text.is_empty(), "{errors}");
    assert_eq!(Json::read(&text).at("contents"), kit.verdict().1.at("contents"));
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_not_a_success() {
    let kit = Kit::copy();
    for (args, wanted) in [(&["check", "01", "--solution", "--json"][..], 2), (&["labs"], 1)] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let end = kit.command(args).stdout(full).output().unwrap();
        assert_eq!(end.status.code(), Some(wanted), "{args:?}");
        let errors = String::from_utf8_lossy(&end.stderr).into_owned();
        assert!(errors.starts_with("Error: standard output cannot be written"), "{errors}");
    }
}

/// Puts the starter of every exercise in place.
fn begin_anew(kit: &Kit) {
    for lab in LABS {
        let folder = kit.folder.join("labs").join(lab.name());
        fs::copy(folder.join("starter.rs"), folder.join("practice.rs")).unwrap();
    }
}

#[test]
fn what_is_done_and_what_is_not_started() {
    let kit = Kit::copy();
    begin_anew(&kit);
    let (status, text) = kit.run(&["check"]);
    assert_eq!(status, Some(1), "{text}");
    let all = LABS.len();
    assert_eq!(text.matches("  not started\n").count(), all, "{text}");
    let none = format!("\n0 of {all} pass, {all} not started.\nNext: 01, ");
    assert!(text.contains(&none), "{text}");
    let (status, text) = kit.run(&["check", "--json"]);
    assert_eq!((status, text.lines().count()), (Some(1), all), "{text}");
    for (text, exercise) in text.lines().zip(LABS.iter().map(Lab::number)) {
        let line = Json::read(text);
        assert_eq!(line.at("exercise").text(), exercise);
        assert_eq!(line.at("verdict").text(), "NOT_STARTED");
        assert!(text.contains(r#","score":0.000,"#), "{text}");
        assert!(!line.at("note").text().is_empty());
    }
    // Who asks for one exercise gets it checked.
    assert_eq!(kit.verdict().0, "CLOSED_EARLY");

    fs::write(kit.practice(), kit.solution()).unwrap();
    let (status, text) = kit.run(&["check"]);
    assert_eq!(status, Some(1), "{text}");
    let one = format!("\n1 of {all} pass, {} not started.\nNext: 02, ", all - 1);
    assert!(text.contains(&one), "{text}");
    let is_done = |done: bool| {
        let (_, text) = kit.run(&[]);
        assert_eq!(text.contains("\n✓ 01_blocking_upper "), done, "{text}");
        assert_eq!(text.contains("Next: lab 02, cargo run -- labs 02"), done, "{text}");
    };
    is_done(true);
    // It is this version that has passed, and no other.
    fs::write(kit.practice(), kit.solution() + "// changed\n").unwrap();
    is_done(false);
    fs::write(kit.practice(), kit.solution()).unwrap();
    is_done(true);
}

#[test]
fn a_file_is_checked_again_when_it_is_saved() {
    let kit = Kit::copy();
    // The build gives it a new time, which is not a save.
    fs::write(kit.practice(), kit.solution()).unwrap();
    assert_eq!(kit.verdict().0, "PASS");
    put_with_an_old_time(&kit, &kit.starter());
    let mut program = Program::start(&mut kit.command(&["check", "01", "--watch"])).unwrap();
    let told = |program: &Program, words: &str, times: usize| {
        let is_told = |printed: &Printed| {
            let found = printed.lines.iter().filter(|line| line.text.starts_with(words)).count();
            (found == times).then_some(())
        };
        let waited = program.wait_for(KIT_TIMEOUT, words, is_told);
        waited.unwrap_or_else(|gave_up| panic!("{gave_up}"));
    };
    told(&program, "CLOSED_EARLY: ", 1);
    let again = |printed: &Printed| {
        let reports = printed.lines.iter().filter(|line| line.text.starts_with("Exercise 01"));
        (reports.count() > 1).then_some(())
    };
    let a_check = Duration::from_secs(3);
    assert!(program.wait_for(a_check, "another report", again).is_err(), "nobody has saved it");
    fs::write(kit.practice(), kit.solution()).unwrap();
    told(&program, "PASS: ", 1);
    // As many editors do it: a new file takes the place of the old one.
    let new = kit.practice().with_file_name("practice.rs.new");
    fs::write(&new, kit.starter() + "// again\n").unwrap();
    fs::remove_file(kit.practice()).unwrap();
    fs::rename(&new, kit.practice()).unwrap();
    told(&program, "CLOSED_EARLY: ", 2);
    program.signal("INT").unwrap();
    let end = program.wait_for_end(KIT_TIMEOUT).unwrap_or_else(|gave_up| panic!("{gave_up}"));
    assert_eq!(end.code(), Some(130), "{}", program.printed().errors());
}
