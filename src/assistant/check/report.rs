//! What a check says: to a person, and to a script.

use std::time::Duration;

use socketlab::printable;

use crate::assistant::check::Exercise;
use crate::assistant::check::json;
use crate::assistant::check::run::Result;
use crate::assistant::client::record::{CONSOLE, Event, What};
use crate::assistant::draw::figures::figure;
use crate::assistant::draw::lanes::{Sign, read_lanes};
use crate::assistant::draw::terminal::{Screen, wrap};
use crate::assistant::draw::text::{self, View};

/// How many steps are shown.
const MAX_STEPS: usize = 30;

/// How long a text within a step may be.
const MAX_TEXT: usize = 44;

/// How many lines of the compiler's warnings are shown.
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
    pub result: Result,
    /// Whether to speak of hints: the student's own file was checked.
    pub own_file: bool,
    /// The number of the lab after this one.
    pub next_lab: Option<&'static str>,
}

impl Report<'_> {
    /// For a person.
    pub fn print(&self, screen: &mut Screen) {
        let width = screen.width();
        let Result { finding, passed, failed, left_out, took, .. } = &self.result;
        let verdict = finding.code.verdict();
        let heading = format!(
            "Exercise {}: {} ({})",
            self.exercise.number(),
            self.exercise.task,
            self.target
        );
        screen.print_heading(&wrap(&heading, width));
        let mut text = String::new();
        for title in passed {
            text += &format!("  passed  {title}\n");
        }
        if let Some(title) = failed {
            text += &format!("  FAILED  {title}\n");
        }
        for title in left_out {
            text += &format!("  left out, it needs the server's console: {title}\n");
        }
        screen.print(&(text + "\n"));
        let code = format!("{}: {}", verdict.name, verdict.sentence);
        screen.print_heading(&wrap(&code, width));
        if self.result.is_pass() {
            let mut text = format!("It took {}.\n", figure(*took));
            if self.own_file {
                text += &format!(
                    "See the solution: cargo run -- solution {}\n",
                    self.exercise.number()
                );
                if let Some(next) = self.next_lab {
                    text += &format!("Next:             cargo run -- labs {next}\n");
                }
            }
            screen.print(&text);
            return;
        }
        if !finding.note.is_empty() {
            screen.print(&format!("{}\n", wrap(&finding.note, width)));
        }
        if !finding.evidence.is_empty() {
            screen.print("\n");
            for line in &finding.evidence {
                screen.print(&format!("  {line}\n"));
            }
        }
        if self.result.events.iter().any(|event| !shows_nothing(&event.what)) {
            screen.print_heading("\nWhat happened");
            screen.print(&steps(&self.result.events, finding.step));
            if let Some(lanes) = lanes(&self.result.events, screen) {
                screen.print(&format!("\n{lanes}"));
            }
        }
        if !self.warnings.is_empty() {
            screen.print_heading("\nThe compiler warns");
            for line in self.warnings.iter().take(MAX_WARNING_LINES) {
                screen.print(&format!("  {line}\n"));
            }
        }
        screen.print_heading("\nWhy this is the cause");
        screen.print(&format!("{}\n", wrap(verdict.why, width)));
        screen.print_heading("\nWhere to look first");
        screen.print(&format!("{}\n\n", wrap(finding.look.unwrap_or(verdict.look), width)));
        screen.print(&self.pointers());
    }

    fn pointers(&self) -> String {
        let (lab, heading) = self.result.finding.code.verdict().read;
        let mut text = format!("Read   labs/{lab}/README.md#{}\n", anchor(heading));
        text += &format!("Task   labs/{}/README.md#practice\n", self.exercise.lab);
        if self.own_file {
            text += &format!("Hint   cargo run -- hint {}\n", self.exercise.number());
        }
        text
    }

    /// For a script: one object on one line.
    pub fn json(&self) -> String {
        let Result { finding, passed, failed, left_out, events, took } = &self.result;
        let verdict = finding.code.verdict();
        let strings = |texts: &[&str]| json::array(texts.iter().map(|text| json::string(text)));
        json::object([
            ("exercise", json::string(self.exercise.number())),
            ("lab", json::string(self.exercise.lab)),
            ("target", json::string(&self.target)),
            ("contents", self.contents.as_deref().map_or("null".to_owned(), json::string)),
            ("verdict", json::string(verdict.name)),
            ("passed", self.result.is_pass().to_string()),
            ("sentence", json::string(verdict.sentence)),
            ("note", json::string(&finding.note)),
            ("look", json::string(finding.look.unwrap_or(verdict.look))),
            ("evidence", json::array(finding.evidence.iter().map(|line| json::string(line)))),
            ("warnings", json::array(self.warnings.iter().map(|line| json::string(line)))),
            ("scenes_passed", strings(passed)),
            ("scene_failed", failed.map_or("null".to_owned(), json::string)),
            ("scenes_left_out", strings(left_out)),
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

/// The steps, one line each; the one that failed is marked.
fn steps(events: &[Event], failed: Option<usize>) -> String {
    let first = events.len().saturating_sub(MAX_STEPS);
    // The step that failed is always among them.
    let first = failed.map_or(first, |failed| first.min(failed));
    let mut text = String::new();
    if first > 0 {
        text += &format!("  ({first} steps before went well)\n");
    }
    for (number, event) in events.iter().enumerate().skip(first) {
        if shows_nothing(&event.what) {
            continue;
        }
        let mark = if Some(number) == failed { '✗' } else { ' ' };
        let (at, who) = (figure(event.at), who(event));
        let line = format!("{mark} {at:>8}  {who:<10}{}", words(&event.what));
        text += &format!("{line}\n");
    }
    text
}

/// Whose step it is.
fn who(event: &Event) -> String {
    match event.what {
        What::Typed(_) => "operator".to_owned(),
        What::Printed(_) => "console".to_owned(),
        What::Server(_) => "server".to_owned(),
        _ => event.client.to_string(),
    }
}

/// Whether an event is only there for the lanes.
fn shows_nothing(what: &What) -> bool {
    matches!(what, What::Connecting)
}

fn words(what: &What) -> String {
    match what {
        What::Connecting => "asks for a connection".to_owned(),
        What::Connected(address) => format!("is connected, as port {}", address.port()),
        What::Waiting(what) => format!("waits for {what}"),
        What::StillWaiting(time) => format!("has got nothing for {}", figure(*time)),
        What::WaitingForEnd => "waits for the end of the conversation".to_owned(),
        What::Received(bytes) => format!("gets {}", short(bytes)),
        What::Sent(bytes) => format!("sends {}", short(bytes)),
        What::FinishedSending => "ends its input; it still reads".to_owned(),
        What::Thinking => "does nothing, although it is its turn".to_owned(),
        What::Thought => "goes on".to_owned(),
        What::Ended => "sees the end of the conversation".to_owned(),
        What::Done => "closes its connection".to_owned(),
        What::BrokenOff => "breaks its connection off, with something unread".to_owned(),
        What::Failed(why) => why.clone(),
        What::Typed(line) => format!("types {}", short(line.as_bytes())),
        What::Printed(line) => format!("shows {}", short(line.as_bytes())),
        What::Server(what) => format!("is {what}"),
    }
}

fn short(bytes: &[u8]) -> String {
    let text = printable(bytes).to_string();
    if text.chars().count() > MAX_TEXT {
        format!("\"{}…\" ({} bytes)", text.chars().take(MAX_TEXT).collect::<String>(), bytes.len())
    } else {
        format!("\"{text}\"")
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
