//! Checks an exercise: what its clients do, what they miss, and what that means.
//!
//! | job | module |
//! | --- | --- |
//! | what each exercise must do | [`scenes`] |
//! | what its clients and its operator do, and what they miss | [`moves`], [`console`] |
//! | what a step that missed something means: causes by experiment | [`diagnose`], [`kept_waiting`] |
//! | whether a server that is silent stays so, where its threads stand, whether it rests | [`silence`], [`standing`], [`idle`] |
//! | a server and its clients; how long is waited for it | [`stage`], [`wait`] |
//! | what is found | [`finding`], [`verdicts`] |
//! | what is checked, and starting it | [`target`] |
//! | playing the scenes, and making sure | [`run`] |
//! | telling it: to people, and to scripts | [`report`], [`pane`], [`steps`], [`compare`], [`json`] |

mod compare;
mod console;
mod diagnose;
pub mod finding;
mod idle;
pub mod json;
mod kept_waiting;
mod moves;
pub mod pane;
pub mod report;
pub mod run;
pub mod scenes;
mod silence;
pub mod stage;
mod standing;
mod steps;
pub mod target;
pub mod verdicts;
mod wait;

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
