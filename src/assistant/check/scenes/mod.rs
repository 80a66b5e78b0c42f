//! The scenes of each exercise: what its clients do, and what must come of it.

mod chat;
mod greeter;
mod house;
mod lines;
mod records;
mod reverse;
mod upper;

use super::stage::{Halt, Outcome, Stage};
use super::verdicts::Code;

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

/// An exercise.
#[derive(Debug, Clone, Copy)]
pub struct Exercise {
    /// Its number, as in `check 03`.
    pub number: usize,
    /// What is to be done, in a few words.
    pub task: &'static str,
    /// How it is checked.
    pub scenes: &'static [Scene],
}

/// The exercises, one for each lab.
pub const EXERCISES: [Exercise; 8] = [
    Exercise { number: 1, task: "keep the line open", scenes: &upper::SCENES },
    Exercise { number: 2, task: "lose patience", scenes: &greeter::PATIENCE },
    Exercise { number: 3, task: "number the players", scenes: &greeter::NUMBERS },
    Exercise { number: 4, task: "a thread for each chat", scenes: &chat::THREADED },
    Exercise { number: 5, task: "line by line", scenes: &lines::SCENES },
    Exercise { number: 6, task: "whole turns", scenes: &chat::TURNS },
    Exercise { number: 7, task: "free the lock", scenes: &reverse::SCENES },
    Exercise { number: 8, task: "house full", scenes: &house::SCENES },
];

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
