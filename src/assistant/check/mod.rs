//! Checks an exercise: what its clients do, what they miss, and what that means.
//!
//! Its rooms, from the top down; a room uses those below it only:
//!
//! | room | what it does |
//! | --- | --- |
//! | [`telling`] | what a check has found, for people and for scripts |
//! | [`run`] | playing the scenes, and making sure |
//! | [`scenes`] | what is played: what each exercise must do |
//! | [`causes`] | what a missed step means: by experiment, and by where the threads stand |
//! | [`stage`] | a server and its clients: moves, waiting, silence |
//! | [`finding`], [`verdicts`], [`evidence`], [`failures`] | what is found, and its evidence |

mod causes;
mod evidence;
mod failures;
pub mod finding;
pub mod run;
pub mod scenes;
pub mod stage;
pub mod telling;
pub mod verdicts;

use scenes::Scene;
use verdicts::Code;

/// An exercise.
#[derive(Debug, Clone, Copy)]
pub struct Exercise {
    /// The name of its lab.
    pub lab: &'static str,
    /// What is to be done, in a few words.
    pub task: &'static str,
    /// What the starter gets.
    pub starter: Code,
    /// How it is checked.
    pub scenes: &'static [Scene],
    /// Where to look first, for verdicts of which this exercise can say more than the table of all.
    pub advice: &'static [(Code, &'static str)],
}

impl Exercise {
    /// Its number, as in `check 03`.
    pub fn number(&self) -> &'static str {
        self.lab.split('_').next().unwrap_or_default()
    }

    /// What this exercise itself advises.
    pub fn advice(&self, code: Code) -> Option<&'static str> {
        self.advice.iter().find(|(about, _)| *about == code).map(|(_, look)| *look)
    }
}
