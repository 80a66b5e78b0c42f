//! The parts of a report, in the order in which people read them: as much of each as fits into one pane
//! of a terminal, or all with `--details`. The verdict is where the eye is: near the end.

use std::time::Duration;

use crate::check::finding::{Standing, Stands};
use crate::check::run::Checked;
use crate::check::telling::report::Report;
use crate::check::telling::steps;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, Event};
use crate::draw::figures::figure;
use crate::draw::lanes::{Sign, read_lanes};
use crate::draw::terminal::{Screen, clip, wrap, wrap_indented};
use crate::draw::text::{self, View};
use crate::exercise::files::PracticeFiles;
use crate::threads::Place;

/// The most lines: a terminal usually has 24, and the prompt takes one.
const MAX_LINES: usize = 23;

/// How many lines there may be of: steps, evidence, threads, warnings, where to look, the note.
type Room = [usize; 6];

/// Everything is told.
const ALL: Room = [usize::MAX; 6];

/// How many lines each part gets in a pane when the other parts are short.
const MOST: Room = [8, 14, 8, 3, 6, 5];

/// The least that each part keeps when the report is too long: first the parts are cut, line by line,
/// to the first of these, then to the second, and so on. Warnings go first, and the cause and where to look last.
const FLOORS: [Room; 4] =
    [[5, 8, 6, 1, 5, 5], [4, 6, 5, 1, 4, 4], [3, 4, 4, 0, 3, 3], [3, 3, 3, 0, 1, 2]];

/// Prints a report; a failure with all its details, if they are wanted.
pub fn print(report: &Report<'_>, details: bool, screen: &mut Screen) {
    let is_pass = report.result.is_pass();
    let details = details && !is_pass;
    let mut room = if details || is_pass { ALL } else { MOST };
    let (plain, colour) = (screen.is_plain(), screen.colour());
    let look = Look { width: screen.width(), colour, plain };
    let mut page = Page::of(report, details, room, look);
    while !plain && room != ALL && page.lines.len() > MAX_LINES && shrink(&mut room) {
        page = Page::of(report, details, room, look);
    }
    for Line { text, is_heading } in page.lines {
        let text = if details || plain { text } else { clip(&text, screen.width()) };
        if is_heading {
            screen.print_heading(&text);
        } else {
            screen.print(&(text + "\n"));
        }
    }
}

/// The report as a text of 80 columns, with all details.
pub fn text(report: &Report<'_>) -> String {
    let page = Page::of(report, true, ALL, Look { width: 80, colour: false, plain: false });
    page.lines.into_iter().map(|line| line.text + "\n").collect()
}

/// Takes one line from what has more than its floor.
fn shrink(room: &mut Room) -> bool {
    for floors in FLOORS {
        for (lines, floor) in room.iter_mut().zip(floors) {
            if *lines > floor {
                *lines -= 1;
                return true;
            }
        }
    }
    false
}

/// A line of a report.
#[derive(Debug)]
struct Line {
    /// What it says.
    text: String,
    /// Whether it stands out where that is possible.
    is_heading: bool,
}

/// What a report looks like.
#[derive(Debug, Clone, Copy)]
struct Look {
    width: usize,
    colour: bool,
    /// Whether it is sentences, without a drawing.
    plain: bool,
}

#[derive(Debug)]
struct Page {
    lines: Vec<Line>,
    width: usize,
}

impl Page {
    /// All parts, each with as many lines as there is `room` for; a failure with its details, or in short.
    fn of(
        report: &Report<'_>,
        details: bool,
        room: Room,
        Look { width, colour, plain }: Look,
    ) -> Self {
        let Checked { finding, events, took, .. } = &report.result;
        let [steps, evidence, threads, warnings, look, note] = room;
        let verdict = finding.code.verdict();
        let mut page = Self { lines: Vec::new(), width };

        let (number, task) = (report.exercise.number(), report.exercise.task);
        let title = format!("Exercise {number}: {task} ({})", report.target);
        let title = if plain { wrap(&title, width) } else { clip(&title, width) };
        page.lines.push(Line { text: title, is_heading: true });
        page.scenes(report, details);
        // The first of the compiler's errors matters most, and the last lines of everything else.
        let is_built = finding.code != Code::DidNotBuild;
        let kept = if is_built { evidence } else { usize::MAX };
        let told = match is_built {
            true if plain && !finding.evidence_in_words.is_empty() => {
                finding.evidence_in_words.clone()
            }
            false if plain => in_short(&finding.evidence, true),
            false if !details => helps_before_notes(&finding.evidence),
            _ => tail(&finding.evidence, kept),
        };
        page.block("", &told, evidence);
        page.block("The server says", &finding.failure, usize::MAX);
        let told = steps::tell(events, finding.step, details);
        if !told.is_empty() {
            let (mut heading, told) = steps::window(&told, steps);
            if !plain && told.iter().any(|step| step.failed) {
                heading += " (✗ marks the one that failed)";
            }
            page.heading(&heading);
            for step in told {
                let line = if plain { step.sentence() } else { step.line() };
                page.wrapped(&line, if plain { 0 } else { steps::BEFORE_WHAT });
            }
        }
        if let Some(lanes) = (details && !plain).then(|| lanes(events, width, colour)).flatten() {
            page.text("");
            lanes.lines().for_each(|line| page.text(line));
        }
        let moved = if finding.is_proved { "; none of them moved any more" } else { "" };
        let heading = format!("Where the server's threads stood{moved}");
        page.block(&heading, &places(&finding.threads, threads, plain), threads);
        let warned = if details && !plain {
            report.warnings.clone()
        } else {
            in_short(&report.warnings, plain)
        };
        page.block("The compiler warns", &warned, warnings);
        page.heading(&format!("{}: {}", verdict.name, verdict.sentence));
        if report.result.is_pass() {
            page.text(format!("It took {}.", figure(*took)));
        } else if details {
            page.sentences(&finding.note, note);
            page.heading("Why this is the cause");
            page.sentences(verdict.why, usize::MAX);
            page.heading("Where to look first");
            page.sentences(report.look(), look);
            page.text("");
        } else {
            page.sentences(report.note(), note);
            page.sentences(&format!("Look first: {}", report.look()), look);
        }
        let pointers = pointers(report, details);
        let widest = pointers.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
        for (label, target) in pointers {
            page.text(format!("{label:<widest$}  {target}"));
        }
        page
    }

    /// Which scenes went well and which did not, or in short, which one did not.
    fn scenes(&mut self, report: &Report<'_>, details: bool) {
        let Checked { passed, failed, left_out, .. } = &report.result;
        if details || report.result.is_pass() {
            passed.iter().for_each(|title| self.text(format!("  passed  {title}")));
            failed.iter().for_each(|title| self.text(format!("  FAILED  {title}")));
            for (title, why) in left_out {
                self.text(format!("  left out  {title}"));
                self.text(format!("            ({why})"));
            }
            return;
        }
        if let Some(title) = failed {
            let (number, scenes) = (passed.len() + 1, report.scenes());
            self.text(format!("  Scene {number} of {scenes} FAILED: {title}"));
        }
        if !left_out.is_empty() {
            self.text(format!("  {} left out, see --details", left_out.len()));
        }
    }

    /// A heading of its own block: a free line stands before it.
    fn heading(&mut self, text: &str) {
        self.text("");
        let text = wrap(text, self.width);
        let lines = text.lines().map(|line| Line { text: line.to_owned(), is_heading: true });
        self.lines.extend(lines);
    }

    fn text(&mut self, line: impl Into<String>) {
        self.lines.push(Line { text: line.into(), is_heading: false });
    }

    /// A line that goes on below itself, with `indent` spaces, where it is too long.
    fn wrapped(&mut self, line: &str, indent: usize) {
        wrap_indented(line, self.width, indent).split('\n').for_each(|line| self.text(line));
    }

    /// Lines that belong together, as many as there is room for.
    fn block(&mut self, heading: &str, lines: &[String], most: usize) {
        if lines.is_empty() || most == 0 {
            return;
        }
        self.heading(heading);
        if let ([first, rest @ ..], 1) = (lines, most) {
            let more = if rest.is_empty() { "" } else { " …" };
            return self.text(format!("  {first}{more}"));
        }
        let shown = if lines.len() > most { most - 1 } else { most };
        for line in lines.iter().take(shown) {
            let indent = line.len() - line.trim_start().len();
            self.wrapped(&format!("  {line}"), indent + 4);
        }
        if lines.len() > shown {
            self.text(format!("  … ({} lines more)", lines.len() - shown));
        }
    }

    /// As many whole sentences as there is room for, but at least one.
    fn sentences(&mut self, text: &str, most: usize) {
        let ends = text.match_indices(". ").chain(text.match_indices("? ")).map(|(at, _)| at + 1);
        let mut ends: Vec<usize> = ends.chain([text.len()]).collect();
        ends.sort_unstable();
        let wrapped = |end: &usize| wrap(&text[..*end], self.width);
        let fits = |text: &String| text.lines().count() <= most;
        let shown = ends.iter().rev().map(wrapped).find(fits);
        let shown = shown.unwrap_or_else(|| wrapped(&ends[0]));
        shown.lines().for_each(|line| self.text(line));
    }
}

/// If there are more than `most` lines: the last heading, which is not indented, and the last lines below it.
fn tail(lines: &[String], most: usize) -> Vec<String> {
    let heading = lines.iter().rposition(|line| !line.starts_with(' ')).unwrap_or_default();
    match &lines[heading..] {
        _ if lines.len() <= most => lines.to_vec(),
        [first, rest @ ..] if rest.len() >= most => {
            let last = &rest[rest.len() - most.saturating_sub(2)..];
            [first.clone(), "  …".to_owned()].into_iter().chain(last.iter().cloned()).collect()
        }
        section => section.to_vec(),
    }
}

/// The compiler's words, with its help in front of its notes: only the first lines may be shown.
fn helps_before_notes(lines: &[String]) -> Vec<String> {
    let begins = |line: &str, word| line.trim_start_matches([' ', '=']).starts_with(word);
    let (mut ordered, mut notes, mut in_note) = (Vec::new(), Vec::new(), false);
    for line in lines {
        if line.starts_with("error") {
            ordered.append(&mut notes);
        }
        in_note = begins(line, "note: ")
            || (in_note && !begins(line, "help: ") && !line.starts_with("error"));
        if in_note { notes.push(line.clone()) } else { ordered.push(line.clone()) }
    }
    ordered.append(&mut notes);
    ordered
}

/// The lanes of the clients, if one of them was connected.
fn lanes(events: &[Event], width: usize, colour: bool) -> Option<String> {
    let mut clients: Vec<char> = Vec::new();
    for event in events.iter().filter(|event| event.client != CONSOLE) {
        if !clients.contains(&event.client) {
            clients.push(event.client);
        }
    }
    let span = events.last().map_or(Duration::ZERO, |event| event.at);
    let lanes = read_lanes(&clients, events, span);
    let view = View { width, span, colour };
    let is_connected = lanes.iter().any(|lane| lane.first(Sign::Connected).is_some());
    is_connected.then(|| text::draw(&lanes, view))
}

/// Where the threads stood, one line each. If there are more than `most`, threads that write or wait for a
/// lock come first, and threads that wait for work (in `accept`, or parked) come last.
fn places(threads: &[Standing], most: usize, plain: bool) -> Vec<String> {
    let rank = |standing: &&Standing| match standing.stands {
        Stands::Thread(Place::Write(_) | Place::Output | Place::Lock(_)) => 0,
        Stands::Thread(Place::Accept | Place::Parked) => 2,
        _ => 1,
    };
    let mut threads: Vec<&Standing> = threads.iter().collect();
    if threads.len() > most {
        threads.sort_by_key(rank);
    }
    let widest = threads.iter().map(|it| it.name.chars().count()).max().unwrap_or_default();
    let line = |Standing { name, words, stands }: &Standing| {
        if !plain {
            return format!("{name:<widest$}  {words}");
        }
        let needs_verb = matches!(stands, Stands::Thread(place) if !place.verb().is_empty());
        format!("{name} {}{words}.", if needs_verb { "is " } else { "" })
    };
    threads.iter().map(|it| line(it)).collect()
}

/// One line for each of the compiler's warnings and errors: what it says, and of which line.
/// With `labels`, also what stands below that line, and the help.
fn in_short(messages: &[String], labels: bool) -> Vec<String> {
    let mut short: Vec<String> = Vec::new();
    let mut has_place = false;
    for line in messages {
        let warning = line.strip_prefix("warning: ");
        if let Some(text) = warning.or(line.starts_with("error").then_some(line)) {
            short.push(text.to_owned());
            has_place = false;
            continue;
        }
        let Some(last) = short.last_mut() else { continue };
        let label = line.rsplit_once('^').map(|(_, label)| label.trim());
        if let (false, Some(place)) = (has_place, line.trim().strip_prefix("--> ")) {
            let line = place.rsplit(':').nth(1).unwrap_or_default();
            *last = format!("line {line}: {last}");
            has_place = true;
        } else if let Some(label) = label.or(line.starts_with("help: ").then_some(line)) {
            if labels && !label.is_empty() {
                *last += &format!("; {label}");
            }
        }
    }
    short
}

/// What to read and to type now, each with its label.
fn pointers(report: &Report<'_>, details: bool) -> Vec<(&'static str, String)> {
    let (number, own_file) = (report.exercise.number(), report.own_file);
    if report.result.is_pass() {
        if !own_file {
            return Vec::new();
        }
        let next = match report.next_lab {
            Some(next) => format!("cargo run -- labs {next}"),
            None => "cargo run (this was the last lab; it shows what is left)".to_owned(),
        };
        let solution = ("Solution", format!("cargo run -- solution {number}"));
        let has_solution = PracticeFiles::of(report.exercise.lab).has_solution();
        return has_solution.then_some(solution).into_iter().chain([("Next", next)]).collect();
    }
    let mut pointers = vec![("Read", report.read())];
    if details {
        pointers.push(("Task", format!("labs/{}/README.md#practice", report.exercise.lab)));
    }
    if own_file {
        pointers.push(("Hint", format!("cargo run -- hint {number}")));
    }
    match (details, own_file) {
        (true, _) => {}
        (_, true) => pointers.push(("More", format!("cargo run -- check {number} --details"))),
        (_, false) => pointers.push(("More", "the same command with --details".to_owned())),
    }
    pointers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize, most: usize) -> Vec<String> {
        let mut page = Page { lines: Vec::new(), width };
        page.sentences(text, most);
        page.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn sentences_are_left_out_whole_but_for_the_first() {
        let text = "Is it there? It is not. It never was.";
        assert_eq!(shown(text, 40, 1), [text]);
        assert_eq!(shown(text, 24, 1), ["Is it there? It is not."]);
        assert_eq!(shown(text, 14, 1), ["Is it there?"]);
        assert_eq!(shown(text, 8, 1), ["Is it", "there?"]);
    }

    #[test]
    fn of_evidence_the_heading_and_the_end_are_kept() {
        let lines = ["Its last lines:", "  1", "  2", "  3", "  4"].map(str::to_owned);
        assert_eq!(tail(&lines, 4), ["Its last lines:", "  …", "  3", "  4"]);
        assert_eq!(tail(&lines, 5), lines);
        let two = ["alone:", "  1", "with several:", "  2", "  3"].map(str::to_owned);
        assert_eq!(tail(&two, 4), ["with several:", "  2", "  3"]);
        assert_eq!(tail(&[], 3), [""; 0]);
    }

    #[test]
    fn the_compilers_help_comes_before_its_notes() {
        let lines = [
            "error: 1",
            "  = note: 2",
            "note: 3",
            "  --> 4",
            "help: 5",
            "5 | x",
            "error: 6",
            "note: 7",
        ];
        let ordered = helps_before_notes(&lines.map(str::to_owned));
        let wanted = [
            "error: 1",
            "help: 5",
            "5 | x",
            "  = note: 2",
            "note: 3",
            "  --> 4",
            "error: 6",
            "note: 7",
        ];
        assert_eq!(ordered, wanted);
    }

    #[test]
    fn the_compilers_messages_are_short_and_without_a_drawing() {
        let lines = [
            "error[E0308]: mismatched types",
            "  --> labs/practice.rs:17:23",
            "17 |     let unused: u32 = \"no\";",
            "   |                 ---   ^^^^ expected `u32`, found `&str`",
            "note: it is defined here",
            "  --> labs/practice.rs:3:1",
            "help: use 1",
        ];
        let lines = lines.map(str::to_owned);
        let short = "line 17: error[E0308]: mismatched types";
        assert_eq!(in_short(&lines, false), [short]);
        let long = format!("{short}; expected `u32`, found `&str`; help: use 1");
        assert_eq!(in_short(&lines, true), [long]);
    }

    #[test]
    fn room_is_given_up_step_by_step_and_not_for_ever() {
        let mut room = MOST;
        let shrunk = (0..100).take_while(|_| shrink(&mut room)).count();
        assert_eq!(shrunk, MOST.iter().sum::<usize>() - room.iter().sum::<usize>());
        assert_eq!(room, FLOORS[3]);
    }
}
