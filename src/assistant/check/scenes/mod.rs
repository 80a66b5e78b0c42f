//! The scenes of each exercise: what its clients do, and what must come of it.

pub mod chat;
pub mod greeter;
pub mod house;
pub mod lines;
mod records;
pub mod reverse;
pub mod upper;

use crate::assistant::check::stage::{Halt, Outcome, Stage};
use crate::assistant::check::verdicts::Code;

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
    pub play: fn(&mut Stage<'_>) -> Outcome,
}

/// Says of a step that went wrong what this exercise knows about it: if it is one of these codes, the
/// note, and where to look.
fn explained(step: Outcome, codes: &[Code], note: &str, look: &'static str) -> Outcome {
    step.map_err(|halt| match halt {
        Halt::Found(mut finding) if codes.contains(&finding.code) => {
            note.clone_into(&mut finding.note);
            finding.look = Some(look);
            Halt::Found(finding)
        }
        other => other,
    })
}

/// Gives a step that went wrong another verdict: if it is one of these codes, this one, with its note
/// and where to look.
fn found_to_be(
    step: Outcome,
    codes: &[Code],
    code: Code,
    note: &str,
    look: &'static str,
) -> Outcome {
    explained(step, codes, note, look).map_err(|halt| match halt {
        Halt::Found(mut finding) if codes.contains(&finding.code) => {
            finding.code = code;
            Halt::Found(finding)
        }
        other => other,
    })
}
