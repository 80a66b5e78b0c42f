//! One file for each command: its options, and what it prints.

pub mod check;
pub mod demo;
pub mod doctor;
pub mod grow;
pub mod handouts;
pub mod hint;
pub mod labs;
pub mod mark;
pub mod reset;
pub mod solution;
pub mod watch;

use std::fs::{self, OpenOptions};
use std::io;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};
use socketlab::{Failure, reason};

use crate::course::Lab;

/// The command line of the assistant.
pub fn command_line() -> Command {
    // Clap's own has another text, and is disabled for it. All commands have this one, as their last option.
    let help = switch("help").short('h').action(ArgAction::Help).help("Prints this help.");
    let help = help.global(true).display_order(usize::MAX);
    Command::new("socketlab")
        .bin_name("cargo run --")
        .about("A course about sockets and threads. Without a command, the course is printed.")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(help)
        .subcommands([labs::command(), demo::command(), watch::command(), grow::command()])
        .subcommands([check::command(), hint::command(), solution::command(), reset::command()])
        .subcommands([mark::command(), handouts::command(), doctor::command()])
}

/// A command; what it is for is said in its line of the help.
fn subcommand(name: &'static str, about: &'static str) -> Command {
    Command::new(name).bin_name(format!("cargo run -- {name}")).about(about).next_line_help(true)
}

/// `--NAME`.
fn switch(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue)
}

/// `--NAME VALUE`; the help says what is the case without it.
fn option(name: &'static str, value: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).hide_default_value(true)
}

/// `--plain`.
fn plain() -> Arg {
    switch("plain").help(
        "Prints sentences, one below the other, and draws nothing: for screen\n\
         readers, for logs, and to be read aloud.",
    )
}

/// `--think SECONDS`: how long clients think.
fn think(default: &'static str, range: RangeInclusive<f64>) -> Arg {
    let parse = move |text: &str| match text.parse() {
        Ok(seconds) if range.contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("it is a number of seconds from {} to {}", range.start(), range.end())),
    };
    option("think", "SECONDS").default_value(default).value_parser(parse)
}

fn exercise_number() -> Arg {
    let number = Arg::new("exercise").value_name("NN").required(true).value_parser(Lab::parse);
    number.help("The exercise's number, such as 03.")
}

fn exercise_asked_for(matches: &ArgMatches) -> Result<&'static Lab, Failure> {
    let lab = matches.get_one("exercise").copied();
    lab.ok_or_else(|| Failure::new("no exercise is named: add its number, such as 03"))
}

/// Reads a text.
fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| {
        Failure::new(format!("{} cannot be read ({})", file.display(), reason(&error)))
    })
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
        let mut commands = command_line();
        commands.build();
        for command in commands.get_subcommands_mut() {
            let text = command.render_help().to_string();
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        }
    }
}
