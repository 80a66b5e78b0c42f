//! `cargo run -- hint NN`.

use clap::{ArgMatches, Command};

use crate::commands::{exercise_asked_for, exercise_number, subcommand};
use crate::draw::terminal::Screen;
use crate::exercise::files::PracticeFiles;
use crate::process::interrupt::Stopped;

/// The command line of `hint`.
pub fn command() -> Command {
    subcommand("hint", "Gives a hint for an exercise, and one more each time.")
        .arg(exercise_number())
}

/// Gives one more hint. Fails when there is none to be read.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    let lab = exercise_asked_for(matches)?;
    let (files, number) = (PracticeFiles::of(lab.name()), lab.number());
    let hints = files.hints()?;
    let (asked, counted) = files.count_hint();
    let mut screen = Screen::open();
    let shown = asked.min(hints.len());
    // After the last one, all of them are shown again.
    let first = if asked > hints.len() { 1 } else { shown };
    for (place, hint) in (1..).zip(&hints).skip(first - 1).take(shown + 1 - first) {
        screen.print_heading(&format!("Exercise {number}, hint {place} of {}", hints.len()));
        screen.say(&format!("{hint}\n"));
    }
    if let Err(failure) = counted {
        screen.say(&format!("(The next time this hint comes again, because {failure}.)"));
    }
    screen.print(&if asked < hints.len() {
        format!("One more: cargo run -- hint {number}\n")
    } else {
        let solution = format!(" The solution: cargo run -- solution {number} --anyway");
        format!("That is all.{}\n", if files.has_solution() { &solution } else { "" })
    });
    Ok(screen.close()?)
}
