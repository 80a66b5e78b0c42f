//! One file for each command: its options, and what it prints.

pub mod check;
pub mod demo;
pub mod help_option;
pub mod hint;
pub mod labs;
pub mod reset;
pub mod solution;
pub mod watch;

use clap::{Arg, ArgMatches};

use crate::assistant::course::Lab;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_80_columns() {
        for command in [
            check::command(),
            demo::command(),
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
