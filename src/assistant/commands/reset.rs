//! `cargo run -- reset NN`.

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
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    let name = exercise_asked_for(matches)?.name();
    let file = format!("labs/{name}/practice.rs");
    let mut screen = Screen::open();
    screen.print(&match PracticeFiles::of(name).reset()? {
        None => format!("{file} is the starter already.\n"),
        Some(kept) if kept.is_empty() => format!("{file} is the starter again.\n"),
        Some(kept) => format!("{file} is the starter again. Yours is kept: {kept}\n"),
    });
    Ok(screen.close()?)
}
