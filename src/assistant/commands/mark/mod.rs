//! `cargo run -- mark`: marks what a class has handed in.

mod marking;
mod outputs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use socketlab::{Failure, printable};

use crate::commands::mark::marking::{MARKS, Marking};
use crate::commands::{subcommand, switch};
use crate::course::{LABS, Lab};
use crate::draw::terminal::Screen;
use crate::exercise::build::hash;
use crate::exercise::files::PracticeFiles;
use crate::mark::bounds;
use crate::mark::builds;
use crate::mark::hand_ins::{self, Class, Contents, HandIn};
use crate::mark::programs;
use crate::mark::results::Mark;
use crate::mark::sandbox::Sandbox;
use crate::mark::table;
use crate::process::examples::{package_folder, profile_folder};
use crate::process::interrupt::{self, Stopped};
use crate::process::program::escaped;

/// The command line of `mark`.
pub fn command() -> Command {
    let what = Arg::new("what").value_name("WHAT").required(true).num_args(1..=2).help(
        "An exercise's number and the class's folder (mark 03 class/), or the\n\
         folder alone: then every exercise is marked.",
    );
    let again = switch("again").help("Marks all of it, also what is marked already.");
    let sandbox = switch("sandbox").help(
        "Builds and checks each hand-in with bwrap: a read-only system, no home\n\
         folder, a network of its own.",
    );
    subcommand("mark", "Marks what a class has handed in.")
        .after_help(format!(
            "The folder has STUDENT/03.rs, STUDENT/lab3.rs, STUDENT/03_practice.rs or a\n\
             student's whole checkout. With an exercise's number, STUDENT.rs and any other\n\
             name in a student's folder do too. A file that ends in .cmd, with one line such\n\
             as `python3 server.py {{port}}`, stands for a program in another language. The\n\
             marks are kept in {MARKS} in that folder; what is marked already is not\n\
             marked again.\n\n\
             A server gets one point if it serves a client, and one for each scene that it\n\
             passes; the starter as it was handed out gets none. `!` is an error of the\n\
             machine's, and no mark.\n\n\
             Exit status: 0 if everything is marked; 2 if not, also after an error; 130\n\
             after Ctrl-C."
        ))
        .args([what.value_parser(value_parser!(PathBuf)), again, sandbox])
        .args(outputs::options())
}

/// Marks the class. Fails when something cannot be read, written or built at all, and at Ctrl-C; what was marked until
/// then is kept.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    profile_folder()?;
    if cfg!(windows) {
        return Err(Failure::new("mark needs a shell of Unix: it works on Linux and macOS").into());
    }
    outputs::must_be_possible(matches)?;
    let json = matches.get_flag("json");
    let what: Vec<&PathBuf> = matches.get_many("what").into_iter().flatten().collect();
    let (exercise, class) = match what[..] {
        [number, class] => {
            let number = number.to_string_lossy();
            let lab =
                Lab::parse(&number).map_err(|why| Failure::new(format!("{number}: {why}")))?;
            (Some(lab.number()), class)
        }
        _ => (None, what[0]),
    };
    let class = fs::canonicalize(class).unwrap_or_else(|_| class.clone());
    let Class { hand_ins, left_out, .. } = hand_ins::find(&class, exercise)?;
    let left_out = not_marked(&hand_ins, &left_out, &class);
    if hand_ins.is_empty() {
        let class = class.display();
        let why = "has no hand-ins: `mark --help` says how files are named";
        return Err(Failure::new(format!("{class} {why}.\n{left_out}")).into());
    }
    let name = hash(class.as_os_str().as_encoded_bytes());
    let work = package_folder().join("target/mark").join(name);
    let is_written =
        [work.clone(), builds::shared_target(&work)].iter().try_for_each(fs::create_dir_all);
    is_written
        .map_err(|error| Failure::new(format!("{} cannot be made: {error}", work.display())))?;
    let sandbox = matches.get_flag("sandbox");
    let sandbox = sandbox.then(|| Sandbox { work: work.clone() });
    sandbox.iter().try_for_each(Sandbox::must_work)?;
    bounds::adopt();
    let marking = Marking { class, sandbox, work };
    let mut screen = Screen::open();
    let marks = marking.mark_all(&hand_ins, matches.get_flag("again"), json, &mut screen)?;
    let marks = outputs::rescaled(matches, marks)?;
    if json {
        screen.print(&outputs::json(&marks));
    } else {
        tell(&marks, &hand_ins, &mut screen);
        screen.print(&left_out);
    }
    outputs::write(matches, &marks, &mut screen)?;
    screen.close()?;
    let is_complete = marks.len() == hand_ins.len() && !marks.iter().any(Mark::is_error);
    Ok(ExitCode::from(if is_complete { 0 } else { 2 }))
}

/// Prints what came of it all.
fn tell(marks: &[Mark], hand_ins: &[HandIn], screen: &mut Screen) {
    screen.print(&format!("\n{}\n{}", table::points(marks), table::verdicts(marks)));
    let groups = same_programs(hand_ins);
    if !groups.is_empty() {
        screen.print("\n");
        screen.say(
            "The same program, but for names, comments and white space (equal is not copied):",
        );
        groups.iter().for_each(|group| screen.print(&format!("  {}\n", group.join(", "))));
    }
    let errors: Vec<&Mark> = marks.iter().filter(|mark| mark.is_error()).collect();
    if !errors.is_empty() {
        screen.print("\n");
        screen.say(&format!(
            "{} could not be marked, and have no points. The same command tries these again:",
            errors.len()
        ));
        for mark in errors {
            let student = printable(&mark.student);
            let note = escaped(&mark.note);
            screen.print(&format!("  {student} {}: {note}\n", mark.exercise));
        }
    }
}

/// The groups of hand-ins that are the same program, by exercise, with the kit's starter and solution among them.
fn same_programs(hand_ins: &[HandIn]) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    for lab in LABS {
        let files = PracticeFiles::of(lab.name());
        let kits = [("(the starter)", "starter.rs"), ("(the solution)", "solution.rs")];
        let kits = kits
            .into_iter()
            .filter_map(|(whose, name)| Some((whose.to_owned(), files.text(name).ok()?)));
        let own = hand_ins.iter().filter(|it| it.exercise == lab.number());
        let own = own.filter_map(|it| match &it.contents {
            Contents::Rust(bytes) => {
                let text = String::from_utf8_lossy(bytes).into_owned();
                Some((format!("{} {}", printable(&it.student), it.exercise), text))
            }
            _ => None,
        });
        let programs: Vec<(String, String)> = own.chain(kits).collect();
        groups.extend(programs::same_programs(&programs));
    }
    groups
}

/// What is in the class's folder and was not marked, a line each.
fn not_marked(hand_ins: &[HandIn], left_out: &[(String, String)], class: &Path) -> String {
    let others = hand_ins.iter().flat_map(|it| it.others.iter().map(move |other| (other, it)));
    let other = |(other, it): (&PathBuf, &HandIn)| {
        let [other, own] = [other, &it.file].map(|it| it.strip_prefix(class).unwrap_or(it));
        (other.display().to_string(), format!("{} counts", own.display()))
    };
    let all = left_out.iter().cloned().chain(others.map(other));
    let lines = all.map(|(name, why)| format!("  {}: {}\n", printable(&name), printable(&why)));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("\nNot marked:\n{lines}") }
}
