//! `cargo run -- check`, and what goes with it: `hint`, `solution` and `reset`.
//!
//! | job | module |
//! | --- | --- |
//! | what each exercise must do | [`scenes`] |
//! | a server and its clients, step by step | [`stage`] |
//! | what a step that went wrong means: causes by experiment | [`causes`] |
//! | the server's console and its operator | [`console`] |
//! | what is checked, and starting it | [`target`], [`free_port`] |
//! | what the system knows beyond the replies | [`busy`] |
//! | playing the scenes, and making sure | [`run`] |
//! | the verdicts and their words | [`verdicts`] |
//! | telling it: to people, and to scripts | [`report`], [`compare`], [`json`] |
//! | an exercise's file, built | [`exercise_file`] |
//! | starters, solutions and hints | [`practice_files`], [`diff`] |

mod busy;
mod causes;
mod compare;
mod console;
mod diff;
mod exercise_file;
mod free_port;
mod json;
mod practice_files;
mod report;
mod run;
mod scenes;
mod stage;
mod target;
mod verdicts;

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::process::ExitCode;
use std::thread::{self, ScopedJoinHandle};

use clap::builder::RangedU64ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command};
use socketlab::{Failure, printable};

use super::cargo_build::BUILD_TIMEOUT;
use super::figures::figure;
use super::help_option::help_option;
use super::interrupt::{self, Stopped};
use super::terminal::{Screen, wrap};
use exercise_file::{Built, ExerciseFile};
use practice_files::PracticeFiles;
use report::Report;
use run::Result as Checked;
use scenes::{EXERCISES, Exercise};
use stage::Finding;
use target::Target;
use verdicts::Code;

fn number(required: bool) -> Arg {
    let help = if required {
        "The exercise's number, such as 03."
    } else {
        "The exercise's number, such as 03; without it, all are checked."
    };
    Arg::new("exercise")
        .value_name("NN")
        .required(required)
        .value_parser(RangedU64ValueParser::<usize>::new().range(1..=EXERCISES.len() as u64))
        .help(help)
}

/// The command line of `check`.
pub fn check_command() -> Command {
    let solution = Arg::new("solution")
        .long("solution")
        .action(ArgAction::SetTrue)
        .help("Checks the solution instead of your file.");
    let server = Arg::new("server").long("server").value_name("COMMAND").requires("exercise").help(
        "Checks any program in any language instead of your file. The shell\n\
         runs the command; {port} in it stands for a free port, and the\n\
         options of the exercise (--patience, --max) are put behind it:\n\
         --server 'python3 server.py {port}'.",
    );
    let addr = Arg::new("addr")
        .long("addr")
        .value_name("HOST:PORT")
        .requires("exercise")
        .value_parser(address)
        .help(
            "Checks a server that is running already, as far as that is possible\n\
             without its console. Exercise 02 wants it started with --patience\n\
             1, exercise 08 with --max 2.",
        );
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue).help(
        "Prints one line of JSON for each exercise, for scripts: the verdict,\n\
         and what led to it.",
    );
    Command::new("check")
        .bin_name("cargo run -- check")
        .about("Checks your exercises; when something is wrong, says why.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([number(false), solution, server, addr, json, help_option()])
        .group(ArgGroup::new("what").args(["solution", "server", "addr"]))
}

/// The command line of `hint`.
pub fn hint_command() -> Command {
    Command::new("hint")
        .about("Gives a hint for an exercise, and one more each time.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([number(true), help_option()])
}

/// The command line of `solution`.
pub fn solution_command() -> Command {
    let anyway = Arg::new("anyway")
        .long("anyway")
        .action(ArgAction::SetTrue)
        .help("Shows it although your file has not passed its check.");
    Command::new("solution")
        .about("Shows how the solution differs from the starter, once yours passes.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([number(true), anyway, help_option()])
}

/// The command line of `reset`.
pub fn reset_command() -> Command {
    Command::new("reset")
        .about("Puts an exercise's starter back; your file is kept beside it.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([number(true), help_option()])
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.ok_or_else(|| "it is a host and a port, such as 127.0.0.1:1337".to_owned())
}

/// Checks what was asked for. The exit status is success if all of it passes.
///
/// # Errors
/// When something cannot be built or started for other reasons than the student's, and at Ctrl-C.
pub fn check(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    let wanted = matches.get_one::<usize>("exercise").copied();
    let solution = matches.get_flag("solution");
    let given = match (matches.get_one::<String>("server"), matches.get_one("addr")) {
        (Some(command), _) => Some((Target::Command(command.clone()), command.clone())),
        (_, Some(address)) => Some((Target::Address(*address), address.to_string())),
        _ => None,
    };
    let json = matches.get_flag("json");
    let mut screen = Screen::open();
    let exercises: Vec<&Exercise> =
        EXERCISES.iter().filter(|it| wanted.is_none_or(|wanted| it.number == wanted)).collect();
    if let (Some((Target::Address(_), _)), [exercise]) = (&given, &exercises[..]) {
        if exercise.scenes.iter().all(|scene| scene.needs_console) {
            let why = format!(
                "exercise {:02} is about the server's console, which --addr cannot see: use \
                 --server with the command that starts it",
                exercise.number
            );
            check_command().error(ErrorKind::ArgumentConflict, why).exit();
        }
    }
    let mut checks = Vec::new();
    for exercise in exercises {
        let (subject, name) = match &given {
            Some((target, name)) => (Subject::Given(target.clone()), printable(name).to_string()),
            None => {
                let file = ExerciseFile { exercise, solution };
                if !json {
                    screen.announce(&building(file));
                }
                (Subject::of(file)?, file.path())
            }
        };
        checks.push(Check { exercise, name, subject, own_file: given.is_none() && !solution });
    }
    if !json {
        screen.announce("Checking …");
    }
    let mut all_pass = true;
    let mut reports = Vec::new();
    for report in all_at_once(&checks)? {
        all_pass &= report.result.is_pass();
        if json {
            screen.print(&format!("{}\n", report.json()));
        } else if wanted.is_some() {
            report.print(&mut screen);
        } else {
            screen.print(&table_line(&report));
        }
        reports.push(report);
    }
    if !json && wanted.is_none() {
        screen.print(&what_is_next(&reports, solution));
    }
    screen.close()?;
    Ok(if all_pass { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is being done, and for how long at the most.
fn building(file: ExerciseFile<'_>) -> String {
    let limit = BUILD_TIMEOUT.as_secs() / 60;
    format!("Building {}, for {limit} minutes at the most …", file.path())
}

/// What is to be checked.
#[derive(Debug)]
enum Subject {
    /// A file of the kit; its executable is deleted when it has been checked.
    File { example: String, built: Built },
    /// What the command line names.
    Given(Target),
}

impl Subject {
    fn of(file: ExerciseFile<'_>) -> Result<Self, Stopped> {
        Ok(Self::File { example: file.example(), built: file.build()? })
    }
}

/// A check to be made.
#[derive(Debug)]
struct Check<'a> {
    exercise: &'a Exercise,
    name: String,
    subject: Subject,
    own_file: bool,
}

impl<'a> Check<'a> {
    fn make(&self) -> Result<Report<'a>, Stopped> {
        let (exercise, own_file) = (self.exercise, self.own_file);
        let result = match &self.subject {
            Subject::Given(target) => run::check(exercise, target)?,
            Subject::File { example, built } => match &built.program {
                Ok(program) => run::check(exercise, &Target::Executable(program.path(example)))?,
                Err(errors) => Checked::only(Finding {
                    evidence: errors.clone(),
                    ..Finding::new(Code::DidNotBuild, "")
                }),
            },
        };
        let (contents, warnings) = match &self.subject {
            Subject::File { built, .. } => (Some(built.contents.clone()), built.warnings.clone()),
            Subject::Given(_) => (None, Vec::new()),
        };
        Ok(Report { exercise, target: self.name.clone(), contents, warnings, result, own_file })
    }
}

/// Makes these checks side by side: most of their time they wait.
fn all_at_once<'a>(checks: &[Check<'a>]) -> Result<Vec<Report<'a>>, Stopped> {
    thread::scope(|scope| {
        let start = |check| thread::Builder::new().spawn_scoped(scope, move || Check::make(check));
        let running: Vec<_> = checks.iter().map(start).collect();
        let finish = |running: io::Result<ScopedJoinHandle<'_, _>>| {
            let broken = || Failure::new("a check has broken off; please report what it printed");
            running?.join().map_err(|_| Stopped::from(broken()))?
        };
        running.into_iter().map(finish).collect()
    })
}

fn table_line(report: &Report<'_>) -> String {
    let verdict = report.result.finding.code.verdict().name;
    let (exercise, took) = (report.exercise, figure(report.result.took));
    format!("  {:02}  {:<26}{verdict:<18}{took:>9}\n", exercise.number, exercise.task)
}

/// What is left to do, below the table.
fn what_is_next(reports: &[Report<'_>], solution: bool) -> String {
    let passed = reports.iter().filter(|report| report.result.is_pass()).count();
    let mut text = format!("\n{passed} of {} pass.\n", reports.len());
    if let Some(next) = reports.iter().find(|report| !report.result.is_pass()) {
        let number = next.exercise.number;
        let option = if solution { " --solution" } else { "" };
        text += &format!("Next: {:02}, {}.\n\n", number, next.exercise.task);
        if !solution {
            text += &format!("  The task    labs/{}/README.md, \"Practice\"\n", next.lab());
            text += &format!("  Your file   {}\n", next.target);
        }
        text += &format!("  Its check   cargo run -- check {number:02}{option}\n");
    }
    text
}

fn asked_for(matches: &ArgMatches) -> usize {
    matches.get_one("exercise").copied().unwrap_or(1)
}

/// Gives one more hint.
///
/// # Errors
/// When there is none to be read.
pub fn hint(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    let number = asked_for(matches);
    let files = PracticeFiles::of(number);
    let hints = files.hints()?;
    let (asked, counted) = files.count_hint();
    let mut screen = Screen::open();
    let shown = asked.min(hints.len());
    // Whoever asks for more than there is sees them all again.
    let first = if asked > hints.len() { 1 } else { shown };
    for (place, hint) in (1..).zip(&hints).skip(first - 1).take(shown + 1 - first) {
        screen.print_heading(&format!("Exercise {number:02}, hint {place} of {}", hints.len()));
        screen.print(&format!("{hint}\n\n"));
    }
    if let Err(failure) = counted {
        let line = format!("(The next time this hint comes again, because {failure}.)");
        screen.print(&format!("{}\n", wrap(&line, screen.width())));
    }
    screen.print(&if asked < hints.len() {
        format!("One more: cargo run -- hint {number:02}\n")
    } else {
        format!("That is all. The solution: cargo run -- solution {number:02} --anyway\n")
    });
    screen.close()?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the solution to whoever has passed, or asks for it anyway.
///
/// # Errors
/// When a file cannot be read, and as [`check`].
pub fn solution(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    let number = asked_for(matches);
    let files = PracticeFiles::of(number);
    let mut screen = Screen::open();
    if !matches.get_flag("anyway") {
        let file = ExerciseFile { exercise: &EXERCISES[number - 1], solution: false };
        screen.announce(&building(file));
        let (exercise, name) = (file.exercise, file.path());
        let report =
            Check { exercise, name, subject: Subject::of(file)?, own_file: true }.make()?;
        if !report.result.is_pass() {
            let verdict = report.result.finding.code.verdict();
            let yet =
                format!("Your file does not pass yet: {}. {}", verdict.name, verdict.sentence);
            let yet = wrap(&yet, screen.width());
            screen.print(&format!(
                "{yet}\n\n\
                 Why                   cargo run -- check {number:02}\n\
                 A hint                cargo run -- hint {number:02}\n\
                 See it all the same   cargo run -- solution {number:02} --anyway\n"
            ));
            screen.close()?;
            return Ok(ExitCode::FAILURE);
        }
    }
    let solution = files.solution()?;
    let differs = diff::diff(without_head(files.starter()), without_head(&solution));
    screen.print_heading(&format!("Exercise {number:02}, from the starter to the solution"));
    screen.print(&format!("\n{differs}"));
    screen.close()?;
    Ok(ExitCode::SUCCESS)
}

/// A file without the comments at its head, which say what it is and how to run it.
fn without_head(source: &str) -> &str {
    source.find("\n\n").map_or(source, |end| &source[end + 2..])
}

/// Puts the starter back.
///
/// # Errors
/// When the files cannot be written.
pub fn reset(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    let files = PracticeFiles::of(asked_for(matches));
    let file = files.practice();
    let mut screen = Screen::open();
    screen.print(&match files.reset()? {
        None => format!("{file} is the starter already.\n"),
        Some(kept) if kept.is_empty() => format!("{file} is the starter again.\n"),
        Some(kept) => format!("{file} is the starter again. Yours is kept: {kept}\n"),
    });
    screen.close()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assistant::course::LABS;

    #[test]
    fn every_lab_has_its_exercise() {
        for (exercise, lab) in EXERCISES.iter().zip(&LABS) {
            assert!(lab.name.starts_with(&format!("{:02}_", exercise.number)), "{}", lab.name);
        }
        assert_eq!(EXERCISES.len(), LABS.len());
    }

    #[test]
    fn help_fits_80_columns() {
        for command in [check_command(), hint_command(), solution_command(), reset_command()] {
            let text = command.clone().render_help().to_string();
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
