//! The scenes of each exercise: what its clients do, and what must come of it.

pub mod chat;
mod crowd;
mod flood;
mod framing;
pub mod greeter;
pub mod half_lines;
pub mod house;
pub mod lines;
mod places;
pub mod pool;
mod records;
pub mod reverse;
mod reversing;
pub mod room;
mod torn;
pub mod upper;

use crate::check::finding::{Gloss, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::verdicts::Code;

/// What is played with one server.
#[derive(Debug, Clone, Copy)]
pub struct Scene {
    /// What it is about.
    pub title: &'static str,
    /// The options of the server.
    pub options: &'static [&'static str],
    /// Whether it needs the server's console or its process.
    pub needs_console: bool,
    /// What happens.
    pub play: Play,
}

/// What happens in a scene.
type Play = fn(&mut Stage<'_>) -> Outcome;

impl Scene {
    /// A scene with a server that is started without options.
    pub const fn new(title: &'static str, play: Play) -> Self {
        Self { title, options: &[], needs_console: false, play }
    }

    /// The same, where the server's console or its process is needed.
    pub const fn with_console(mut self) -> Self {
        self.needs_console = true;
        self
    }

    /// The same, with a server that is started with these options.
    pub const fn with_options(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }
}

/// Says of a step that went wrong what this exercise knows about it: if it is one of these codes, the
/// note, and where to look.
fn explained<T>(
    step: Outcome<T>,
    codes: &'static [Code],
    note: &str,
    look: &'static str,
) -> Outcome<T> {
    glossed(step, Gloss { codes, code: None, note: Some(note.to_owned()), look })
}

/// Gives a step that went wrong another verdict: if it is one of these codes, this one, with its note
/// and where to look.
fn found_to_be(
    step: Outcome,
    codes: &'static [Code],
    code: Code,
    note: &str,
    look: &'static str,
) -> Outcome {
    glossed(step, Gloss { codes, code: Some(code), note: Some(note.to_owned()), look })
}

/// Says where to look in this exercise, if a step that went wrong gets one of these verdicts.
fn advised(step: Outcome, codes: &'static [Code], look: &'static str) -> Outcome {
    glossed(step, Gloss { codes, code: None, note: None, look })
}

fn glossed<T>(mut step: Outcome<T>, gloss: Gloss) -> Outcome<T> {
    match &mut step {
        Err(Halt::Missed(missed)) => missed.glosses.push(gloss),
        Err(Halt::Found(finding)) => gloss.apply(finding),
        Err(Halt::LeftOut(_) | Halt::Stopped(_)) | Ok(_) => {}
    }
    step
}
