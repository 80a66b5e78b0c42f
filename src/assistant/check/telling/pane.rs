//! A report that fits into one pane of a terminal, with the verdict where the eye is: at its end.

use crate::check::finding::{Standing, Stands};
use crate::check::telling::report::Report;
use crate::check::telling::steps;
use crate::check::verdicts::Code;
use crate::draw::columns::{columns, cut};
use crate::draw::figures::figure;
use crate::draw::terminal::{Screen, wrap};
use crate::threads::Place;

/// The most lines: a terminal usually has 24, and the prompt takes one.
const MAX_LINES: usize = 23;

/// How many lines there may be of: steps, evidence, threads, warnings, where to look, the note.
type Room = [usize; 6];

/// How many lines each part gets when the other parts are short.
const MOST: Room = [8, 14, 8, 3, 6, 5];

/// The least that each part keeps when the report is too long: first the parts are cut, line by line,
/// to the first of these, then to the second, and so on.
const FLOORS: [Room; 4] =
    [[5, 8, 6, 1, 4, 4], [4, 6, 5, 1, 3, 4], [3, 4, 4, 1, 2, 3], [3, 3, 3, 0, 1, 2]];

/// A line of a report.
#[derive(Debug)]
struct Line {
    /// What it says.
    text: String,
    /// Whether it stands out where that is possible.
    is_heading: bool,
}

/// Prints what fits into one pane.
pub fn print(report: &Report<'_>, screen: &mut Screen) {
    for line in lines(report, screen.width()) {
        if line.is_heading {
            screen.print_heading(&line.text);
        } else {
            screen.print(&format!("{}\n", line.text));
        }
    }
}

/// The report in at most [`MAX_LINES`] lines, none wider than `width`, if `width` is 80 or more.
fn lines(report: &Report<'_>, width: usize) -> Vec<Line> {
    let mut room = MOST;
    loop {
        let pane = Pane { lines: Vec::new(), width };
        let lines =
            if report.result.is_pass() { pane.pass(report) } else { pane.failure(report, room) };
        if lines.len() <= MAX_LINES || !shrink(&mut room) {
            return lines;
        }
    }
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

/// The first of these lines, which is most often their heading, and the last ones: `most` in all.
fn tail(lines: &[String], most: usize) -> Vec<String> {
    match lines {
        [first, ..] if lines.len() > most => {
            let last = &lines[lines.len() - most.saturating_sub(2)..];
            [first.clone(), "  …".to_owned()].into_iter().chain(last.iter().cloned()).collect()
        }
        _ => lines.to_vec(),
    }
}

/// The lines about threads. If there are more than `most`, threads that write or wait for a lock come
/// first, and threads that wait for work (in `accept`, or parked) come last.
fn most_telling(report: &Report<'_>, most: usize) -> Vec<String> {
    let threads = report.threads();
    if threads.len() <= most {
        return threads;
    }
    let rank = |standing: &Standing| match standing.stands {
        Stands::Thread(Place::Write(_) | Place::Output | Place::Lock(_)) => 0,
        Stands::Thread(Place::Accept | Place::Parked) => 2,
        _ => 1,
    };
    let mut ranked: Vec<_> = report.result.finding.threads.iter().map(rank).zip(threads).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, line)| line).collect()
}

struct Pane {
    lines: Vec<Line>,
    width: usize,
}

impl Pane {
    fn failure(mut self, report: &Report<'_>, room: Room) -> Vec<Line> {
        let [most_steps, evidence, threads, warnings, look, note] = room;
        let finding = &report.result.finding;
        let verdict = finding.code.verdict();
        self.title(report);
        if let Some(title) = report.result.failed {
            let (number, scenes) = (report.result.passed.len() + 1, report.scenes());
            self.text(&format!("  Scene {number} of {scenes} FAILED: {title}"));
        }
        if !report.result.left_out.is_empty() {
            self.text(&format!("  {} left out, see --details", report.result.left_out.len()));
        }
        // The first of the compiler's errors matters most, and the last lines of everything else.
        if finding.code == Code::DidNotBuild {
            self.block(None, &finding.evidence, evidence);
        } else {
            self.block(None, &tail(&finding.evidence, evidence), usize::MAX);
        }
        let steps = steps::brief(&report.result.events, finding.step);
        if !steps.is_empty() {
            let (heading, steps) = steps::window(&steps, most_steps);
            self.heading(&heading);
            steps.iter().for_each(|step| self.text(&step.line()));
        }
        let places = most_telling(report, threads);
        self.block(Some(report.threads_heading()), &places, threads);
        self.block(Some("The compiler warns"), &report.warnings_in_short(), warnings);
        self.heading(&format!("{}: {}", verdict.name, verdict.sentence));
        self.sentences(report.note(), note);
        self.sentences(&format!("Look first: {}", report.look()), look);
        self.pointers(&report.pointers(true));
        self.lines
    }

    fn pass(mut self, report: &Report<'_>) -> Vec<Line> {
        let verdict = report.result.finding.code.verdict();
        self.title(report);
        for title in &report.result.passed {
            self.text(&format!("  passed  {title}"));
        }
        for (title, why) in &report.result.left_out {
            self.text(&format!("  left out  {title}"));
            self.text(&format!("            ({why})"));
        }
        self.block(Some("The compiler warns"), &report.warnings_in_short(), usize::MAX);
        self.heading(&format!("{}: {}", verdict.name, verdict.sentence));
        self.text(&format!("It took {}.", figure(report.result.took)));
        self.pointers(&report.pointers(true));
        self.lines
    }

    fn title(&mut self, report: &Report<'_>) {
        let text = cut(&report.title(), self.width);
        self.lines.push(Line { text, is_heading: true });
    }

    /// A heading of its own block: a free line stands before it.
    fn heading(&mut self, text: &str) {
        self.text("");
        let text = wrap(text, self.width);
        self.lines
            .extend(text.lines().map(|line| Line { text: line.to_owned(), is_heading: true }));
    }

    fn text(&mut self, line: &str) {
        self.lines.push(Line { text: cut(line, self.width), is_heading: false });
    }

    /// Lines that belong together, as many as there is room for.
    fn block(&mut self, heading: Option<&str>, lines: &[String], most: usize) {
        if lines.is_empty() || most == 0 {
            return;
        }
        match heading {
            Some(heading) => self.heading(heading),
            None => self.text(""),
        }
        if let ([first, rest @ ..], 1) = (lines, most) {
            let more = if rest.is_empty() { "" } else { " …" };
            return self.text(&format!("  {first}{more}"));
        }
        let shown = if lines.len() > most { most - 1 } else { most };
        lines.iter().take(shown).for_each(|line| self.text(&format!("  {line}")));
        if lines.len() > shown {
            self.text(&format!("  … ({} lines more)", lines.len() - shown));
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

    fn pointers(&mut self, pointers: &[(&str, String)]) {
        let widest = pointers.iter().map(|(label, _)| columns(label)).max().unwrap_or_default();
        for (label, target) in pointers {
            self.text(&format!("{label:<widest$}  {target}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, width: usize, most: usize) -> Vec<String> {
        let mut pane = Pane { lines: Vec::new(), width };
        pane.sentences(text, most);
        pane.lines.into_iter().map(|line| line.text).collect()
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
        assert_eq!(tail(&[], 3), [""; 0]);
    }

    #[test]
    fn room_is_given_up_step_by_step_and_not_for_ever() {
        let mut room = MOST;
        let shrunk = (0..100).take_while(|_| shrink(&mut room)).count();
        assert_eq!(shrunk, MOST.iter().sum::<usize>() - room.iter().sum::<usize>());
        assert_eq!(room, FLOORS[3]);
    }
}
