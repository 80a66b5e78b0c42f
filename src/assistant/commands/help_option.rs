//! `--help`, as the lessons have it.

use clap::{Arg, ArgAction};

/// The option, for a command whose own has been disabled.
pub fn help_option() -> Arg {
    Arg::new("help").long("help").short('h').action(ArgAction::Help).help("Prints this help.")
}
