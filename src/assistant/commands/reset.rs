//! `cargo run -- reset NN`.

use std::process::ExitCode;

use clap::{ArgMatches, Command};

use crate::commands::{exercise_asked_for, exercise_number, subcommand};
use crate::draw::terminal::Screen;
use crate::exercise::files::PracticeFiles;
use crate::process::interrupt::Stopped;

/// The command line of `reset`.
pub fn command() -> Command {
    subcommand("reset", "Puts an exercise's starter back; your file is kept beside it.")
        .arg(exercise_number())
}

/// Puts the starter back. Fails when the files cannot be written.
pub fn run(matches: &ArgMatches) -> Result<ExitCode, Stopped> {
    let Some(lab) = exercise_asked_for(matches) else { return Ok(ExitCode::FAILURE) };
    let files = PracticeFiles::of(lab.name());
    let file = files.practice();
    let mut screen = Screen::open();
    screen.print(&match files.reset()? {
        None => format!("{file} is the starter already.\n"),
        Some(kept) if kept.is_empty() => format!("{file} is the starter again.\n"),
        Some(kept) => format!("{file} is the starter again. Yours is kept: {kept}\n"),
    });
    screen.close()?;
    Ok(ExitCode::SUCCESS)
}
