//! What a server prints, line by line as it comes.

use std::time::{Duration, Instant};

use crate::process::program::{Printed, Program, escaped};

/// How many lines are kept: more than any terminal shows.
const KEPT: usize = 500;

/// The console of a program: both of its output streams.
#[derive(Debug, Default)]
pub struct Console {
    /// The last lines, escaped.
    lines: Vec<String>,
    /// What stands behind the last line of standard output: a prompt, most often.
    partial: String,
    /// How many bytes there were when it was last looked at.
    seen: usize,
    /// How many lines of standard output, and how many bytes of standard error, have been taken over.
    taken: (usize, usize),
}

impl Console {
    /// Takes over what is new, and returns it: when it came, and what it is.
    pub fn update(&mut self, program: &Program) -> Vec<(Instant, String)> {
        let (length, _) = program.count();
        if length == self.seen && self.partial.is_empty() {
            return Vec::new();
        }
        self.seen = length;
        let new = program.wait_until(Duration::ZERO, |printed| Some(self.take(printed)));
        let new = new.unwrap_or_default();
        self.lines.extend(new.iter().map(|(_, line)| line.clone()));
        let surplus = self.lines.len().saturating_sub(KEPT);
        self.lines.drain(..surplus);
        new
    }

    fn take(&mut self, printed: &Printed) -> Vec<(Instant, String)> {
        let (lines, errors) = &mut self.taken;
        let new = &printed.lines[*lines..];
        *lines = printed.lines.len();
        let mut new: Vec<(Instant, String)> =
            new.iter().map(|line| (line.at, escaped(&line.text))).collect();
        self.partial = escaped(&printed.partial());
        let all = printed.errors();
        // A line whose end has not come yet is left for the next time, unless there is none.
        let mut whole = all.rfind('\n').map_or(0, |end| end + 1);
        if printed.is_complete() {
            whole = all.len();
            let rest = std::mem::take(&mut self.partial);
            new.extend((!rest.is_empty()).then(|| (Instant::now(), rest)));
        }
        let now = Instant::now();
        let errs = all.get(*errors..whole).unwrap_or_default().lines();
        new.extend(errs.map(|line| (now, escaped(line))));
        *errors = whole.max(*errors);
        new
    }

    /// The last lines, with what may stand behind them.
    pub fn lines(&self) -> Vec<String> {
        let partial = (!self.partial.is_empty()).then(|| self.partial.clone());
        self.lines.iter().cloned().chain(partial).collect()
    }
}
