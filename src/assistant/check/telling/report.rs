//! What a check says: to a person, and to a script.

use std::time::Duration;

use crate::check::Exercise;
use crate::check::run::Checked;
use crate::check::telling::json;
use crate::check::telling::steps::{self, is_shown, who, words};
use crate::client::record::{CONSOLE, Event};
use crate::draw::columns::cut;
use crate::draw::lanes::{Sign, read_lanes};
use crate::draw::terminal::{Screen, wrap};
use crate::draw::text::{self, View};

/// How many steps the details show.
const MAX_STEPS: usize = 30;

/// How many lines of the compiler's warnings the details show.
const MAX_WARNING_LINES: usize = 24;

/// What was checked, and what came of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// The exercise.
    pub exercise: &'a Exercise,
    /// The name of what was checked: a file, a command, an address.
    pub target: String,
    /// A short hash of the file's contents.
    pub contents: Option<String>,
    /// What the compiler warns of in the file, in lines.
    pub warnings: Vec<String>,
    /// What came of it.
    pub result: Checked,
    /// Whether to speak of hints: the student's own file was checked.
    pub own_file: bool,
    /// The number of the lab after this one.
    pub next_lab: Option<&'static str>,
}

impl Report<'_> {
    /// For a person who wants to know everything about a failure.
    pub fn print_details(&self, screen: &mut Screen) {
        let width = screen.width();
        let Checked { finding, passed, failed, left_out, .. } = &self.result;
        let verdict = finding.code.verdict();
        screen.print_heading(&cut(&self.title(), width));
        let mut text = String::new();
        for title in passed {
            text += &format!("  passed  {title}\n");
        }
        if let Some(title) = failed {
            text += &format!("  FAILED  {title}\n");
        }
        for (title, why) in left_out {
            text += &format!("  left out  {title}\n            ({why})\n");
        }
        screen.print(&(text + "\n"));
        let code = format!("{}: {}", verdict.name, verdict.sentence);
        screen.print_heading(&wrap(&code, width));
        if !finding.note.is_empty() {
            screen.print(&format!("{}\n", wrap(&finding.note, width)));
        }
        if !finding.evidence.is_empty() {
            screen.print("\n");
        }
        print_lines(screen, &finding.evidence);
        if self.result.events.iter().any(is_shown) {
            let steps = steps::all(&self.result.events, finding.step);
            let (heading, steps) = steps::window(&steps, MAX_STEPS);
            screen.print_heading(&format!("\n{heading}"));
            for step in steps {
                screen.print(&format!("{}\n", step.line()));
            }
            if let Some(lanes) = lanes(&self.result.events, screen) {
                screen.print(&format!("\n{lanes}"));
            }
        }
        if !finding.threads.is_empty() {
            screen.print_heading(&format!("\n{}", self.threads_heading()));
            print_lines(screen, &self.threads());
        }
        if !self.warnings.is_empty() {
            screen.print_heading("\nThe compiler warns");
            let shown = self.warnings.len().min(MAX_WARNING_LINES);
            print_lines(screen, &self.warnings[..shown]);
        }
        screen.print_heading("\nWhy this is the cause");
        screen.print(&format!("{}\n", wrap(verdict.why, width)));
        screen.print_heading("\nWhere to look first");
        screen.print(&format!("{}\n\n", wrap(self.look(), width)));
        for (label, target) in self.pointers(false) {
            screen.print(&format!("{label:<6} {target}\n"));
        }
    }

    /// What was checked.
    pub fn title(&self) -> String {
        let (number, task) = (self.exercise.number(), self.exercise.task);
        format!("Exercise {number}: {task} ({})", self.target)
    }

    /// What is special about a failure; never empty.
    pub fn note(&self) -> &str {
        let finding = &self.result.finding;
        if finding.note.is_empty() { finding.code.verdict().why } else { &finding.note }
    }

    /// Where to look first.
    pub fn look(&self) -> &'static str {
        let finding = &self.result.finding;
        finding.look.unwrap_or(finding.code.verdict().look)
    }

    /// The section to read.
    pub fn read(&self) -> String {
        let (lab, heading) = self.result.finding.code.verdict().section(self.exercise.lab);
        format!("labs/{lab}/README.md#{}", anchor(heading))
    }

    /// How many scenes were to be played.
    pub fn scenes(&self) -> usize {
        self.exercise.scenes.len() - self.result.left_out.len()
    }

    /// What stands above the places of the threads.
    pub fn threads_heading(&self) -> &'static str {
        if self.result.finding.is_proved {
            "Where the server's threads stood; none of them moved any more"
        } else {
            "Where the server's threads stood"
        }
    }

    /// Where the server's threads stood, one line each.
    pub fn threads(&self) -> Vec<String> {
        let threads = &self.result.finding.threads;
        let widest = threads.iter().map(|it| it.name.chars().count()).max().unwrap_or_default();
        threads.iter().map(|it| format!("{:<widest$}  {}", it.name, it.words)).collect()
    }

    /// One line for each warning: what it says, and of which line.
    pub fn warnings_in_short(&self) -> Vec<String> {
        let mut short: Vec<String> = Vec::new();
        for line in &self.warnings {
            if let Some(text) = line.strip_prefix("warning: ") {
                short.push(text.to_owned());
            } else if let (Some(last), Some(place)) =
                (short.last_mut(), line.trim().strip_prefix("--> "))
            {
                let line = place.rsplit(':').nth(1).unwrap_or_default();
                *last = format!("line {line}: {last}");
            }
        }
        short
    }

    /// What to read and to type now, each with its label.
    pub fn pointers(&self, in_short: bool) -> Vec<(&'static str, String)> {
        let number = self.exercise.number();
        let mut pointers = Vec::new();
        if self.result.is_pass() {
            if self.own_file {
                pointers.push(("Solution", format!("cargo run -- solution {number}")));
                pointers.push(match self.next_lab {
                    Some(next) => ("Next", format!("cargo run -- labs {next}")),
                    None => (
                        "Next",
                        "cargo run (this was the last lab; it shows what is left)".to_owned(),
                    ),
                });
            }
            return pointers;
        }
        pointers.push(("Read", self.read()));
        if !in_short {
            pointers.push(("Task", format!("labs/{}/README.md#practice", self.exercise.lab)));
        }
        if self.own_file {
            pointers.push(("Hint", format!("cargo run -- hint {number}")));
        }
        if in_short {
            let all = if self.own_file {
                format!("cargo run -- check {number} --details")
            } else {
                "the same command with --details".to_owned()
            };
            pointers.push(("More", all));
        }
        pointers
    }

    /// For a script: one object on one line.
    pub fn json(&self) -> String {
        let Checked { finding, passed, failed, left_out, events, took } = &self.result;
        let verdict = finding.code.verdict();
        let is_pass = self.result.is_pass();
        let strings = |texts: &[&str]| json::array(texts.iter().map(|text| json::string(text)));
        json::object([
            ("exercise", json::string(self.exercise.number())),
            ("lab", json::string(self.exercise.lab)),
            ("target", json::string(&self.target)),
            ("contents", self.contents.as_deref().map_or("null".to_owned(), json::string)),
            ("verdict", json::string(verdict.name)),
            ("passed", is_pass.to_string()),
            ("score", format!("{:.3}", passed.len() as f64 / self.scenes().max(1) as f64)),
            ("sentence", json::string(verdict.sentence)),
            ("note", json::string(if is_pass { &finding.note } else { self.note() })),
            ("look", json::string(self.look())),
            ("read", json::string(&self.read())),
            ("evidence", json::array(finding.evidence.iter().map(|line| json::string(line)))),
            (
                "threads",
                json::array(finding.threads.iter().map(|it| {
                    json::object([
                        ("thread", json::string(&it.name)),
                        ("stands", json::string(&it.words)),
                    ])
                })),
            ),
            ("proved", finding.is_proved.to_string()),
            ("warnings", json::array(self.warnings.iter().map(|line| json::string(line)))),
            ("scenes_passed", strings(passed)),
            ("scene_failed", failed.map_or("null".to_owned(), json::string)),
            ("scenes_left_out", json::array(left_out.iter().map(|(title, _)| json::string(title)))),
            (
                "steps",
                json::array(events.iter().enumerate().map(|(number, event)| {
                    json::object([
                        ("ms", format!("{:.3}", event.at.as_secs_f64() * 1000.0)),
                        ("who", json::string(&who(event))),
                        ("what", json::string(&words(&event.what))),
                        ("failed", (Some(number) == finding.step).to_string()),
                    ])
                })),
            ),
            ("seconds", format!("{:.3}", took.as_secs_f64())),
        ])
    }
}

/// What stands behind `#` in a link to a heading.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

fn print_lines(screen: &mut Screen, lines: &[String]) {
    for line in lines {
        screen.print(&format!("  {line}\n"));
    }
}

/// The lanes of the clients, if there are not too many to be looked at.
fn lanes(events: &[Event], screen: &Screen) -> Option<String> {
    let mut clients: Vec<char> = Vec::new();
    for event in events.iter().filter(|event| event.client != CONSOLE) {
        if !clients.contains(&event.client) {
            clients.push(event.client);
        }
    }
    let end = events.last().map_or(Duration::ZERO, |event| event.at);
    let lanes = read_lanes(&clients, events, end);
    if !lanes.iter().any(|lane| lane.first(Sign::Connected).is_some()) {
        return None;
    }
    let view = View { width: screen.width(), span: end, colour: screen.colour() };
    Some(text::draw(&lanes, view))
}
