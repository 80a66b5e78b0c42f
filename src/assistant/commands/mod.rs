//! One file for each command: its options, and what it prints.

pub mod check;
pub mod demo;
pub mod grow;
pub mod help_option;
pub mod hint;
pub mod labs;
pub mod reset;
pub mod solution;
pub mod watch;

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use clap::{Arg, ArgMatches};
use socketlab::{Failure, reason};

use crate::course::Lab;

/// The number of an exercise.
fn exercise_number(required: bool) -> Arg {
    let help = if required {
        "The exercise's number, such as 03."
    } else {
        "The exercise's number, such as 03; without it, all are checked."
    };
    Arg::new("exercise").value_name("NN").required(required).value_parser(Lab::parse).help(help)
}

/// The lab whose exercise was asked for.
fn exercise_asked_for(matches: &ArgMatches) -> Option<&'static Lab> {
    matches.get_one("exercise").copied()
}

/// Writes a file that `option` asked for, and the folder around it.
fn write_file(file: &Path, text: &str, option: &str) -> Result<(), Failure> {
    let written = create_folder(file).and_then(|()| fs::write(file, text));
    written.map_err(|error| cannot_write(file, &error, option))
}

/// Looks whether a file that `option` asked for can be written; what it contains stays.
fn must_be_writable(file: &Path, option: &str) -> Result<(), Failure> {
    let open = || OpenOptions::new().append(true).create(true).open(file);
    let opened = create_folder(file).and_then(|()| open());
    opened.map(drop).map_err(|error| cannot_write(file, &error, option))
}

fn create_folder(file: &Path) -> io::Result<()> {
    fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))
}

fn cannot_write(file: &Path, error: &io::Error, option: &str) -> Failure {
    let (file, reason) = (file.display(), reason(error));
    Failure::new(format!("{file} cannot be written ({reason}): check {option}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_80_columns() {
        for command in [
            check::command(),
            demo::command(),
            grow::command(),
            hint::command(),
            labs::command(),
            reset::command(),
            solution::command(),
            watch::command(),
        ] {
            let text = command.clone().render_help().to_string();
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
