//! `cargo run -- mark`: marks what a class has handed in.

mod outputs;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use clap::{Arg, ArgMatches, Command, value_parser};
use socketlab::{Failure, printable};

use crate::check::verdicts::Code;
use crate::commands::{subcommand, switch};
use crate::course::{LABS, Lab};
use crate::draw::columns::cut;
use crate::draw::terminal::Screen;
use crate::exercise::build::hash;
use crate::exercise::files::PracticeFiles;
use crate::mark::builds::{self, Built};
use crate::mark::hand_ins::{self, Class, Contents, HandIn};
use crate::mark::marker;
use crate::mark::programs;
use crate::mark::results::{self, Mark};
use crate::mark::sandbox::Sandbox;
use crate::mark::table;
use crate::process::examples::{package_folder, profile_folder};
use crate::process::interrupt::{self, Stopped};

/// The file in the class's folder that keeps the marks.
const MARKS: &str = "marks.jsonl";

/// The verdict on a file that was not built.
const NOT_BUILT: &str = "DID_NOT_BUILD";

/// How many checks are made at once, for each processor: most of the time they wait.
const AT_ONCE: usize = 6;

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

/// What is marked, and how.
#[derive(Debug)]
struct Marking {
    class: PathBuf,
    sandbox: Option<Sandbox>,
    /// Where it is built.
    work: PathBuf,
}

/// A hand-in that can be checked.
#[derive(Debug)]
struct Job {
    hand_in: HandIn,
    contents: String,
    /// What the build calls its file and its program, and the student's names of these.
    names: Vec<(String, String)>,
    /// The command line of its server.
    line: String,
}

/// What is printed and kept while hand-ins are marked.
struct Results<'a> {
    screen: &'a mut Screen,
    /// Whether no lines are printed.
    silent: bool,
    file: PathBuf,
    marks: Vec<Mark>,
    count: (usize, usize),
    trouble: Option<Failure>,
}

/// Marks the class. Fails when something cannot be read, written or built at all, and at Ctrl-C; what was marked until
/// then is kept.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    interrupt::watch()?;
    profile_folder()?;
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
    let is_written = fs::create_dir_all(&work);
    is_written
        .map_err(|error| Failure::new(format!("{} cannot be made: {error}", work.display())))?;
    let sandbox = matches.get_flag("sandbox");
    let sandbox = sandbox.then(|| Sandbox { class: class.clone(), work: work.clone() });
    sandbox.iter().try_for_each(Sandbox::must_work)?;
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

impl Marking {
    /// Marks what is not marked yet; returns the marks of all these hand-ins.
    fn mark_all(
        &self,
        hand_ins: &[HandIn],
        again: bool,
        silent: bool,
        screen: &mut Screen,
    ) -> Result<Vec<Mark>, Stopped> {
        let file = self.class.join(MARKS);
        let known = if again { Vec::new() } else { results::read(&file) };
        let mut results =
            Results { screen, silent, file, marks: Vec::new(), count: (0, 0), trouble: None };
        let mut left = Vec::new();
        for hand_in in hand_ins {
            let contents = hand_in.contents()?;
            let hashed = match &contents {
                Contents::Rust(bytes) => hash(bytes),
                Contents::Command(text) | Contents::Unusable(text) => hash(text.as_bytes()),
                Contents::Starter | Contents::Unclear(_) => String::new(),
            };
            let is_same = |mark: &&Mark| {
                (&*mark.student, &*mark.exercise, &*mark.contents)
                    == (&*hand_in.student, hand_in.exercise, &*hashed)
            };
            match known.iter().find(is_same).filter(|mark| !mark.is_error()) {
                Some(mark) => results.marks.push(mark.clone()),
                None => left.push((hand_in, contents, hashed)),
            }
        }
        results.count.1 = left.len();
        let (mut programs, mut jobs, mut to_build) = (Vec::new(), Vec::new(), HashMap::new());
        for (number, (hand_in, contents, hashed)) in left.into_iter().enumerate() {
            let (hand_in, names) = (hand_in.clone(), Vec::new());
            let mut job = Job { hand_in, contents: hashed, names, line: String::new() };
            match contents {
                Contents::Rust(bytes) => {
                    let name = format!("hand_in_{number}");
                    let file = job.hand_in.file.with_extension("");
                    let stem = file.file_name().unwrap_or_default().to_string_lossy();
                    job.names = vec![(builds::source(&name), self.file(&job.hand_in.file))];
                    job.names.push((name.clone(), stem.into_owned()));
                    programs.push((name.clone(), bytes));
                    to_build.insert(name, job);
                }
                Contents::Command(line) => {
                    let folder = job.hand_in.file.parent().unwrap_or(&self.class);
                    job.line = format!("cd {} && {line}", quoted(folder));
                    jobs.push(job);
                }
                Contents::Starter => {
                    let verdict = Code::NotStarted.verdict();
                    let words = [verdict.sentence.to_owned()];
                    results.add(&self.unchecked(&job, verdict.name, &words));
                }
                Contents::Unusable(why) => {
                    results.add(&self.unchecked(&job, NOT_BUILT, &[why]));
                }
                Contents::Unclear(why) => {
                    results.add(&self.of(&job, Mark::error(&Failure::new(why))));
                }
            }
        }
        let results = Mutex::new(results);
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        let built = thread::scope(|scope| {
            let processors = thread::available_parallelism().map_or(1, usize::from);
            for _ in 0..AT_ONCE * processors {
                scope.spawn(|| self.check_all(&receive, &results));
            }
            jobs.into_iter().for_each(|job| drop(send.send(job)));
            if !programs.is_empty() && !silent {
                lock(&results).screen.announce("Building …");
            }
            let built =
                builds::build(&self.work, &programs, self.sandbox.as_ref(), |name, built| {
                    let Some(mut job) = to_build.remove(name) else { return };
                    match built {
                        Built::Program(file) => {
                            job.line = format!("exec {} --port {{port}}", quoted(&file));
                            let _ = send.send(job);
                        }
                        Built::Errors(lines) => {
                            lock(&results).add(&self.unchecked(&job, NOT_BUILT, &lines));
                        }
                    }
                });
            drop(send);
            built
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        if interrupt::requested() && !silent {
            let (number, all) = results.count;
            let words = "are marked. The same command goes on with the others.";
            results.screen.print(&format!("{number} of {all} {words}\n"));
        }
        built?;
        interrupt::go_on()?;
        let Results { mut marks, trouble, .. } = results;
        marks.sort_by(|one, other| {
            (&one.student, &one.exercise).cmp(&(&other.student, &other.exercise))
        });
        trouble.map_or(Ok(marks), |trouble| Err(trouble.into()))
    }

    /// Takes one job after the other, until there are no more.
    fn check_all(&self, jobs: &Mutex<Receiver<Job>>, results: &Mutex<Results<'_>>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            let marked = marker::mark(job.hand_in.exercise, &job.line, self.sandbox.as_ref());
            let mark = match marked {
                Ok(mark) => mark,
                Err(Stopped::Failed(failure)) => Mark::error(&failure),
                Err(Stopped::Interrupted) => return,
            };
            lock(results).add(&self.of(&job, mark));
        }
    }

    /// A mark of this hand-in's.
    fn of(&self, job: &Job, mut mark: Mark) -> Mark {
        let HandIn { student, exercise, file, .. } = &job.hand_in;
        let file = self.file(file);
        let texts = mark.scenes.iter_mut().map(|scene| &mut scene.note);
        for text in texts.chain([&mut mark.note, &mut mark.report]) {
            *text = job.with_its_names(text);
        }
        let head = fs::read_to_string(&job.hand_in.file).unwrap_or_default();
        let named = hand_ins::exercise_in_head(&head).filter(|named| named != exercise);
        if let Some(named) = named.filter(|_| mark.verdict != "PASS") {
            mark.note = format!("Its first lines are those of exercise {named}. {}", mark.note);
        }
        // The command that it was started with is of no interest.
        let mut report: Vec<&str> = mark.report.lines().collect();
        let title = report.first().and_then(|line| line.split_once(" (")).map(|(title, _)| title);
        let title = title.map(|title| format!("{title} ({})", printable(&file)));
        if let (Some(first), Some(title)) = (report.first_mut(), &title) {
            *first = title;
        }
        let report = report.join("\n");
        let (student, exercise) = (student.clone(), (*exercise).to_owned());
        Mark { student, exercise, file, contents: job.contents.clone(), report, ..mark }
    }

    /// The mark of a file that was not checked, for this reason: the compiler's words, or a sentence.
    fn unchecked(&self, job: &Job, verdict: &str, words: &[String]) -> Mark {
        let lab = LABS.iter().find(|lab| lab.number() == job.hand_in.exercise);
        let scenes = lab.map_or(0, |lab| lab.exercise.scenes.len());
        let mark = Mark {
            verdict: verdict.to_owned(),
            note: words.first().cloned().unwrap_or_default(),
            most: u64::try_from(scenes + 1).unwrap_or_default(),
            ..Mark::default()
        };
        Mark { report: job.with_its_names(&words.join("\n")), ..self.of(job, mark) }
    }

    /// A file, as seen from the class's folder.
    fn file(&self, file: &Path) -> String {
        file.strip_prefix(&self.class).unwrap_or(file).display().to_string()
    }
}

impl Job {
    /// A text of the compiler's, or of the program's, with the student's names.
    fn with_its_names(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (built, own)| text.replace(built, own))
    }
}

impl Results<'_> {
    /// Keeps a mark, and prints a line for it.
    fn add(&mut self, mark: &Mark) {
        if let Err(error) = results::append(&self.file, mark) {
            let file = self.file.display();
            let why = format!("{file} cannot be written ({error}): no mark is kept");
            self.trouble.get_or_insert(Failure::new(why));
        }
        self.marks.push(mark.clone());
        self.count.0 += 1;
        if self.silent {
            return;
        }
        let (number, all) = self.count;
        let points = mark.score();
        let student = printable(&mark.student).to_string();
        let head = format!(
            "{number:>3} of {all}  {}  {student:<20}  {points:>4}  {:<16}",
            mark.exercise, mark.verdict
        );
        let line = format!("{head}  {}", printable(&mark.note));
        let width = self.screen.width();
        self.screen.print(&format!("{}\n", cut(line.trim_end(), width)));
    }
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
            let line = format!("  {} {}: {}", mark.student, mark.exercise, mark.note);
            screen.print(&format!("{}\n", printable(&line)));
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
        let own = own.filter_map(|it| match it.contents() {
            Ok(Contents::Rust(bytes)) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
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

/// A path as a word of the shell's.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn lock<'a, 'b>(results: &'a Mutex<Results<'b>>) -> MutexGuard<'a, Results<'b>> {
    results.lock().unwrap_or_else(PoisonError::into_inner)
}
