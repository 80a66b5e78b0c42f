//! `cargo run -- check`: builds what is to be checked, checks it, and tells.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, ScopedJoinHandle};

use clap::error::ErrorKind;
use clap::{ArgGroup, ArgMatches, Command};
use socketlab::{Failure, printable, reason};

use crate::check::finding::Finding;
use crate::check::run::{self, Checked};
use crate::check::stage::target::Target;
use crate::check::telling::parts;
use crate::check::telling::report::Report;
use crate::check::verdicts::Code;
use crate::commands::{exercise_asked_for, exercise_number, option, plain, subcommand, switch};
use crate::course::{LABS, Lab};
use crate::draw::figures::figure;
use crate::draw::terminal::Screen;
use crate::exercise::build::{Built, ExerciseFile};
use crate::exercise::files::{PracticeFiles, SavedFile};
use crate::mark::results::Mark;
use crate::mark::{bounds, formats};
use crate::process::cargo_build::BUILD_TIMEOUT;
use crate::process::examples::package_folder;
use crate::process::interrupt::{self, Stopped};

/// The command line of `check`.
pub fn command() -> Command {
    let exercise = exercise_number()
        .required(false)
        .help("The exercise's number, such as 03; without it, all are checked.");
    let solution = switch("solution").help("Checks the solution instead of your file.");
    let server = option("server", "COMMAND").requires("exercise").help(
        "Checks any program in any language instead of your file. The shell\n\
         runs the command; {port} in it stands for a free port, and the\n\
         options of the exercise (--patience, --max, --workers, --queue) are\n\
         put behind it:\n\
         --server 'python3 server.py {port}'.",
    );
    let addr = option("addr", "HOST:PORT").requires("exercise").value_parser(address).help(
        "Checks a server that is running already, as far as that is possible\n\
         without its console. Exercise 02 wants it started with --patience\n\
         1, 08 with --max 2, 09 with --workers 2 --queue 1.",
    );
    let json = switch("json").help(
        "Prints one line of JSON for each exercise, for scripts: the verdict,\n\
         and what led to it.",
    );
    let details = switch("details").requires("exercise").help(
        "Prints everything: all steps, when each client waited, why the pattern\n\
         means this cause. Without it, a report fits into 24 lines.",
    );
    let every = switch("every-scene").requires("exercise").help(
        "Plays every scene, also after one has failed: --json then has the\n\
         points that `mark` gives, and what was found in each.",
    );
    let github = switch("github").conflicts_with("watch").help(
        "Adds annotations for GitHub Actions, ten at the most, and a summary of\n\
         the step.",
    );
    let sealed = switch("sealed").requires("json").hide(true);
    let watch = switch("watch")
        .requires("exercise")
        .conflicts_with_all(["what", "json"])
        .help("Checks again whenever you save your file, until Ctrl-C.");
    subcommand("check", "Checks your exercises; when something is wrong, says why.")
        .after_help(
            "Without NN, an exercise whose file is still the starter is not run: it counts\n\
             as not started.\n\n\
             Exit status: 0 if everything passes; 1 if not, also when an exercise is not\n\
             started; 2 if the check could not be made; 130 after Ctrl-C.",
        )
        .args([exercise, watch, details, every, solution, server, addr, json])
        .args([plain().conflicts_with("json"), github, sealed])
        .group(ArgGroup::new("what").args(["solution", "server", "addr"]))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let addresses: Vec<SocketAddr> = text.to_socket_addrs().into_iter().flatten().collect();
    Target::listening_address(&addresses)
        .ok_or_else(|| "it is a host and a port, such as 127.0.0.1:1337".to_owned())
}

/// Checks what was asked for. The exit status is success if all of it passes. Fails when something cannot be built or
/// started for other reasons than the student's, and at Ctrl-C.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    let wanted = exercise_asked_for(matches).ok();
    let [solution, json, details] =
        ["solution", "json", "details"].map(|option| matches.get_flag(option));
    let given = match (matches.get_one::<String>("server"), matches.get_one("addr")) {
        (Some(command), _) => Some((Target::Command(command.clone()), command.clone())),
        (_, Some(address)) => Some((Target::Address(*address), address.to_string())),
        _ => None,
    };
    let mut screen = Screen::open().plain(matches.get_flag("plain"));
    if let (Some((Target::Address(_), _)), Some(lab)) = (&given, wanted) {
        if lab.exercise.scenes.iter().all(|scene| scene.needs_console) {
            let why = format!(
                "exercise {} is about the server's console, which --addr cannot see: use \
                 --server with the command that starts it",
                lab.number()
            );
            command().error(ErrorKind::ArgumentConflict, why).exit();
        }
    }
    if let (Some(lab), true) = (wanted, matches.get_flag("watch")) {
        return check_whenever_saved(lab, details, &mut screen);
    }
    let skips_untouched = wanted.is_none() && !solution;
    let mut checks = Vec::new();
    for lab in wanted.map_or_else(|| LABS.iter().collect(), |lab| vec![lab]) {
        let file = ExerciseFile { lab: lab.name(), solution };
        checks.push(match &given {
            Some((target, name)) => {
                let subject = Subject::Given(target.clone());
                Check { lab, name: printable(name).to_string(), subject, own_file: false }
            }
            None if skips_untouched && PracticeFiles::of(lab.name()).is_untouched() => {
                Check { lab, name: file.path(), subject: Subject::Untouched, own_file: true }
            }
            None => {
                if !json {
                    screen.announce(&building(file));
                }
                Check::of_file(lab, file)?
            }
        });
    }
    if !json {
        screen.announce("Checking …");
    }
    let github = matches.get_flag("github");
    let every = github || matches.get_flag("every-scene");
    let is_sealed = matches.get_flag("sealed");
    let seal = if is_sealed { seal() } else { String::new() };
    if is_sealed {
        bounds::begin();
    }
    let mut reports = Vec::new();
    let mut failed = Ok(());
    for report in all_at_once(&checks, every, (!json).then_some(&mut screen)) {
        match report {
            Err(stopped) => failed = failed.and(Err(stopped)),
            Ok(report) => {
                if json {
                    screen.print(&format!("{seal}{}\n", report.json()));
                } else if wanted.is_some() {
                    parts::print(&report, details, &mut screen);
                } else {
                    screen.print(&table_line(&report));
                }
                reports.push(report);
            }
        }
    }
    if !json && wanted.is_none() && failed.is_ok() {
        screen.print(&what_is_next(&reports, solution));
    }
    if let Some(what) = is_sealed.then(bounds::end).flatten() {
        screen.print(&format!("{seal}! {what}\n"));
    }
    if github {
        tell_github(&reports, &mut screen)?;
    }
    screen.close()?;
    failed?;
    let all_pass = reports.iter().all(|report| report.result.is_pass());
    Ok(if all_pass { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints the annotations, ten of all exercises together, and adds the summary to the file that GitHub Actions names.
fn tell_github(reports: &[Report<'_>], screen: &mut Screen) -> Result<(), Failure> {
    let mark = |report: &Report<'_>| {
        let value = serde_json::from_str(&report.json()).unwrap_or_default();
        Mark { file: report.target.clone(), ..Mark::of_json(&value) }
    };
    let marks: Vec<Mark> = reports.iter().map(mark).collect();
    let lines: String = marks.iter().map(|mark| formats::annotations(mark, &mark.file)).collect();
    lines
        .lines()
        .take(formats::MAX_ANNOTATIONS)
        .for_each(|line| screen.print(&format!("{line}\n")));
    let Some(file) = env::var_os("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let summary = formats::step_summary(&marks);
    let file = PathBuf::from(file);
    let opened = OpenOptions::new().append(true).create(true).open(&file);
    opened.and_then(|mut opened| opened.write_all(summary.as_bytes())).map_err(|error| {
        Failure::new(format!(
            "{} cannot be written ({}): check GITHUB_STEP_SUMMARY",
            file.display(),
            reason(&error)
        ))
    })
}

/// What stands in front of each result: a word that only the marker knows, in a line of standard input. A hand-in that
/// writes to this program's standard output does not know it.
fn seal() -> String {
    let mut line = String::new();
    let _ = io::stdin().read_line(&mut line);
    line.trim_end().to_owned()
}

/// Checks the student's file, and again whenever it is saved, until Ctrl-C. The last report stays until the next.
fn check_whenever_saved(
    lab: &'static Lab,
    details: bool,
    screen: &mut Screen,
) -> Result<ExitCode, Stopped> {
    let file = ExerciseFile { lab: lab.name(), solution: false };
    for number in 1.. {
        screen.announce(&building(file));
        let check = Check::of_file(lab, file)?;
        let saved = SavedFile::known(package_folder().join(file.path()), check.contents());
        screen.announce("Checking …");
        let reports = all_at_once(&[check], false, Some(screen));
        screen.clear();
        for report in reports {
            match report {
                Ok(report) => parts::print(&report, details, screen),
                Err(Stopped::Failed(failure)) => screen.print(&format!("{failure}\n")),
                Err(interrupted) => return Err(interrupted),
            }
        }
        if screen.gone() {
            break;
        }
        // The number tells a new report from an old one that says the same.
        let line = format!("Check {number}. Save the file to check it again; Ctrl-C ends this.");
        if screen.is_plain() {
            screen.print(&format!("{line}\n"));
        }
        screen.announce(&line);
        saved.wait()?;
    }
    Ok(ExitCode::FAILURE)
}

/// What is being done, and for how long at the most.
pub(super) fn building(file: ExerciseFile) -> String {
    let limit = BUILD_TIMEOUT.as_secs() / 60;
    format!("Building {}, for {limit} minutes at the most …", file.path())
}

/// What is to be checked.
#[derive(Debug)]
enum Subject {
    /// A file of the kit; its executable is deleted when it has been checked.
    File { example: String, built: Built },
    /// The starter as it was handed out, which is not run.
    Untouched,
    /// What the command line names.
    Given(Target),
}

#[derive(Debug)]
pub(super) struct Check {
    lab: &'static Lab,
    name: String,
    subject: Subject,
    own_file: bool,
}

impl Check {
    /// The check of a file of the kit, which is built for it.
    pub(super) fn of_file(lab: &'static Lab, file: ExerciseFile) -> Result<Self, Stopped> {
        let subject = Subject::File { example: file.example(), built: file.build()? };
        Ok(Self { lab, name: file.path(), subject, own_file: !file.solution })
    }

    /// A short hash of the file's contents, if it was built.
    fn contents(&self) -> &str {
        if let Subject::File { built, .. } = &self.subject { &built.contents } else { "" }
    }

    /// Makes the check, and sends what it is waiting for when that takes long.
    pub(super) fn make(
        &self,
        every: bool,
        waits: &Sender<String>,
    ) -> Result<Report<'static>, Stopped> {
        let exercise = &self.lab.exercise;
        let (mut contents, mut warnings) = (None, Vec::new());
        let result = match &self.subject {
            Subject::Given(target) => run::check(exercise, target, every, waits)?,
            Subject::Untouched => Checked::only(Finding::new(Code::NotStarted, "")),
            Subject::File { example, built } => {
                (contents, warnings) = (Some(built.contents.clone()), built.warnings.clone());
                match &built.program {
                    Ok(program) => {
                        let target = Target::Executable(program.path(example));
                        run::check(exercise, &target, every, waits)?
                    }
                    Err(errors) => Checked::only(Finding {
                        evidence: errors.clone(),
                        ..Finding::new(Code::DidNotBuild, "")
                    }),
                }
            }
        };
        if self.own_file && result.is_pass() {
            PracticeFiles::of(self.lab.name()).remember_pass(self.contents());
        }
        Ok(Report {
            exercise,
            target: self.name.clone(),
            contents,
            warnings,
            result,
            every,
            own_file: self.own_file,
            next_lab: self.lab.next().map(Lab::number),
        })
    }
}

/// Makes these checks side by side: most of their time they wait. What they wait for long is shown.
fn all_at_once(
    checks: &[Check],
    every: bool,
    mut screen: Option<&mut Screen>,
) -> Vec<Result<Report<'static>, Stopped>> {
    thread::scope(|scope| {
        let (waits, shown) = mpsc::channel();
        // Which exercise it was, if there are several.
        let named = |check: &Check, stopped| match stopped {
            Stopped::Failed(failure) if checks.len() > 1 => {
                Failure::new(format!("exercise {}: {failure}", check.lab.number())).into()
            }
            stopped => stopped,
        };
        let start = |check| {
            let waits = waits.clone();
            let make =
                move || Check::make(check, every, &waits).map_err(|stopped| named(check, stopped));
            thread::Builder::new().spawn_scoped(scope, make)
        };
        let running: Vec<_> = checks.iter().map(start).collect();
        // The last check that ends ends this.
        drop(waits);
        for line in shown {
            screen.iter_mut().for_each(|screen| screen.announce(&line));
        }
        let finish = |running: io::Result<ScopedJoinHandle<'_, _>>| {
            let broken = || Failure::new("a check has panicked; please report what it printed");
            running?.join().map_err(|_| Stopped::from(broken()))?
        };
        running.into_iter().map(finish).collect()
    })
}

fn table_line(report: &Report<'_>) -> String {
    let exercise = report.exercise;
    let (verdict, took) = match report.result.finding.code {
        Code::NotStarted => ("not started", String::new()),
        code @ Code::DidNotBuild => (code.verdict().name, String::new()),
        code => (code.verdict().name, figure(report.result.took)),
    };
    let line = format!("  {}  {:<26}{verdict:<18}{took:>9}", exercise.number(), exercise.task);
    format!("{}\n", line.trim_end())
}

/// What is left to do, below the table.
fn what_is_next(reports: &[Report<'_>], solution: bool) -> String {
    let passed = reports.iter().filter(|report| report.result.is_pass()).count();
    let not_started =
        reports.iter().filter(|it| it.result.finding.code == Code::NotStarted).count();
    let not_started = match not_started {
        0 => String::new(),
        count => format!(", {count} not started"),
    };
    let mut text = format!("\n{passed} of {} pass{not_started}.\n", reports.len());
    // What was begun comes before what was not.
    let is_begun = |it: &&&Report<'_>| it.result.finding.code != Code::NotStarted;
    let mut left = reports.iter().filter(|report| !report.result.is_pass());
    if let Some(next) = left.clone().find(|it| is_begun(&it)).or_else(|| left.next()) {
        let number = next.exercise.number();
        let option = if solution { " --solution" } else { "" };
        text += &format!("Next: {}, {}.\n\n", number, next.exercise.task);
        if !solution {
            text += &format!("  The task    labs/{}/README.md, \"Practice\"\n", next.exercise.lab);
            text += &format!("  Your file   {}\n", next.target);
        }
        text += &format!("  Its check   cargo run -- check {number}{option}\n");
    }
    text
}
