//! Marking: what is not marked yet is built and checked, several at once, and each mark is kept as soon as it is known.

use std::collections::HashMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use socketlab::{Failure, printable};

use crate::check::verdicts::Code;
use crate::course::LABS;
use crate::draw::columns::cut;
use crate::draw::terminal::Screen;
use crate::exercise::build::hash;
use crate::mark::builds::{self, Built};
use crate::mark::hand_ins::{Contents, HandIn, exercise_in_head};
use crate::mark::marker;
use crate::mark::results::{self, Mark};
use crate::mark::sandbox::Sandbox;
use crate::process::interrupt::{self, Stopped};
use crate::process::program::escaped;

/// The file in the class's folder that keeps the marks.
pub const MARKS: &str = "marks.jsonl";

/// The verdict on a file that was not built.
const NOT_BUILT: &str = "DID_NOT_BUILD";

/// How many checks are made at once, for each processor: most of the time they wait.
const AT_ONCE: usize = 6;

/// What is marked, and how.
#[derive(Debug)]
pub struct Marking {
    /// The class's folder.
    pub class: PathBuf,
    /// Where hand-ins are kept from what is not theirs.
    pub sandbox: Option<Sandbox>,
    /// Where they are built.
    pub work: PathBuf,
}

/// A hand-in that is being marked.
#[derive(Debug)]
struct Job {
    hand_in: HandIn,
    /// A hash of its contents.
    contents: String,
    /// What the build calls its file and its program, and the student's names of these.
    names: Vec<(String, String)>,
    /// The exercise that it says it is of, if that is another one.
    of_another: Option<&'static str>,
    /// The command line of its server.
    line: String,
    /// What that needs: the executable, or the student's folder.
    own: PathBuf,
}

/// What is printed and kept while hand-ins are marked.
#[derive(Debug)]
struct Results<'a> {
    screen: &'a mut Screen,
    /// Whether no lines are printed.
    silent: bool,
    file: PathBuf,
    marks: Vec<Mark>,
    /// How many are marked, of how many.
    count: (usize, usize),
    trouble: Option<Failure>,
}

impl Marking {
    /// Marks what is not marked yet, or all of it `again`; returns the marks of all these hand-ins, in the order of students
    /// and exercises. Fails when a hand-in cannot be read, a mark cannot be kept, or nothing can be built, and at Ctrl-C.
    pub fn mark_all(
        &self,
        hand_ins: &[HandIn],
        again: bool,
        silent: bool,
        screen: &mut Screen,
    ) -> Result<Vec<Mark>, Stopped> {
        let file = self.class.join(MARKS);
        let known = if again { Vec::new() } else { results::read(&file) };
        let (mut marks, mut left) = (Vec::new(), Vec::new());
        for hand_in in hand_ins {
            let job = self.job(hand_in);
            let is_same = |mark: &&Mark| {
                (&*mark.student, &*mark.exercise, &*mark.contents)
                    == (&*hand_in.student, hand_in.exercise, &*job.contents)
            };
            match known.iter().find(is_same).filter(|mark| !mark.is_error()) {
                Some(mark) => marks.push(mark.clone()),
                None => left.push(job),
            }
        }
        let count = (0, left.len());
        let mut results = Results { screen, silent, file, marks, count, trouble: None };
        let marked = self.mark_left(left, &mut results);
        results.tell_if_interrupted();
        marked?;
        interrupt::go_on()?;
        let Results { mut marks, trouble, .. } = results;
        marks.sort_by(|one, other| {
            (&one.student, &one.exercise).cmp(&(&other.student, &other.exercise))
        });
        trouble.map_or(Ok(marks), |trouble| Err(trouble.into()))
    }

    fn job(&self, hand_in: &HandIn) -> Job {
        let (mut of_another, mut line, mut own) = (None, String::new(), PathBuf::new());
        let contents = match &hand_in.contents {
            Contents::Rust(bytes) => {
                let named = exercise_in_head(&String::from_utf8_lossy(bytes));
                of_another = named.filter(|named| *named != hand_in.exercise);
                hash(bytes)
            }
            Contents::Command(command) => {
                let folder = hand_in.file.parent().unwrap_or(&self.class);
                line = format!("cd {} && {command}", quoted(folder.display()));
                own = folder.to_owned();
                hash(format!("{command}\n{}", files_of(folder)).as_bytes())
            }
            Contents::Unusable(why) | Contents::Unclear(why) => hash(why.as_bytes()),
            Contents::Starter => "starter".to_owned(),
        };
        Job { hand_in: hand_in.clone(), contents, names: Vec::new(), of_another, line, own }
    }

    /// Builds what is to be built, and checks each program as soon as it is there.
    fn mark_left(&self, left: Vec<Job>, results: &mut Results<'_>) -> Result<(), Stopped> {
        let all = left.len();
        let (send, receive) = mpsc::channel();
        let (mut programs, mut to_build) = (Vec::new(), HashMap::new());
        for (number, mut job) in left.into_iter().enumerate() {
            match job.hand_in.contents.clone() {
                Contents::Rust(bytes) => {
                    let class = self.work.file_name().unwrap_or_default().to_string_lossy();
                    let name = format!("hand_in_{class}_{number}");
                    let file = self.file(&job.hand_in);
                    let stem = job.hand_in.file.file_stem().unwrap_or_default().to_string_lossy();
                    job.names =
                        vec![(builds::source(&name), file), (name.clone(), stem.into_owned())];
                    programs.push((name.clone(), bytes));
                    to_build.insert(name, job);
                }
                Contents::Command(_) => drop(send.send(job)),
                Contents::Starter => {
                    let verdict = Code::NotStarted.verdict();
                    let words = [verdict.sentence.to_owned()];
                    results.add(&self.unchecked(&job, verdict.name, &words));
                }
                Contents::Unusable(why) => results.add(&self.unchecked(&job, NOT_BUILT, &[why])),
                Contents::Unclear(why) => {
                    results.add(&self.of(&job, Mark::error(&Failure::new(why))));
                }
            }
        }
        if !programs.is_empty() && !results.silent {
            results.screen.announce("Building …");
        }
        let (receive, results) = (Mutex::new(receive), Mutex::new(results));
        thread::scope(|scope| {
            let processors = thread::available_parallelism().map_or(1, usize::from);
            for _ in 0..(AT_ONCE * processors).min(all) {
                scope.spawn(|| self.check_each(&receive, &results));
            }
            let done = |name: &str, built| {
                let Some(mut job) = to_build.remove(name) else { return };
                match built {
                    Built::Program(file) => {
                        job.line = format!("exec {} --port {{port}}", quoted(file.display()));
                        job.own = file;
                        let _ = send.send(job);
                    }
                    Built::Errors(lines) => {
                        lock(&results).add(&self.unchecked(&job, NOT_BUILT, &lines));
                    }
                    Built::Failed(why) => {
                        lock(&results).add(&self.of(&job, Mark::error(&Failure::new(why))));
                    }
                }
            };
            let built = match programs.is_empty() {
                true => Ok(()),
                false => builds::build(&self.work, &programs, self.sandbox.as_ref(), done),
            };
            // Now the threads end, when they have checked the last one.
            drop(send);
            built
        })
    }

    /// Takes one job after the other, until there are no more.
    fn check_each(&self, jobs: &Mutex<Receiver<Job>>, results: &Mutex<&mut Results<'_>>) {
        loop {
            let job = lock(jobs).recv();
            let Ok(job) = job else { return };
            let sandbox = self.sandbox.as_ref().map(|sandbox| (sandbox, &*job.own));
            let marked = marker::mark(job.hand_in.exercise, &job.line, sandbox);
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
        let file = self.file(&job.hand_in);
        let texts = mark.scenes.iter_mut().map(|scene| &mut scene.note);
        for text in texts.chain([&mut mark.note, &mut mark.report]) {
            *text = job.with_its_names(text);
        }
        if let Some(another) = job.of_another.filter(|_| mark.verdict != "PASS") {
            mark.note = format!("Its first lines are those of exercise {another}. {}", mark.note);
        }
        // The title names the file, not the command that started it.
        let mut report: Vec<&str> = mark.report.lines().collect();
        let title = report.first().and_then(|line| line.split_once(" (")).map(|(title, _)| title);
        let title = title.map(|title| format!("{title} ({})", printable(&file)));
        if let (Some(first), Some(title)) = (report.first_mut(), &title) {
            *first = title;
        }
        let report = report.join("\n");
        let (student, exercise) = (job.hand_in.student.clone(), job.hand_in.exercise.to_owned());
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

    /// Its file, as seen from the class's folder.
    fn file(&self, hand_in: &HandIn) -> String {
        hand_in.file.strip_prefix(&self.class).unwrap_or(&hand_in.file).display().to_string()
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
        let line = format!("{head}  {}", escaped(&mark.note));
        let width = self.screen.width();
        self.screen.print(&format!("{}\n", cut(line.trim_end(), width)));
    }

    /// Says how far it has come, if it was stopped.
    fn tell_if_interrupted(&mut self) {
        if interrupt::requested() && !self.silent {
            let (number, all) = self.count;
            let words = "are marked. The same command goes on with the others.";
            self.screen.print(&format!("{number} of {all} {words}\n"));
        }
    }
}

/// What may have changed of a program that is not one file: the files beside it, but for those that marking writes.
fn files_of(folder: &Path) -> String {
    let about = |entry: fs::DirEntry| {
        let about = entry.metadata().ok().filter(|about| about.is_file())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_mark = name.ends_with(MARKS);
        (!is_mark).then(|| format!("{name} {} {:?}", about.len(), about.modified().ok()))
    };
    let mut files: Vec<String> =
        fs::read_dir(folder).into_iter().flatten().flatten().filter_map(about).collect();
    files.sort();
    files.join("\n")
}

/// A path as a word of the shell's.
fn quoted(path: impl Display) -> String {
    format!("'{}'", path.to_string().replace('\'', r"'\''"))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
