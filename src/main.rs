//! The lab assistant: prints the course, shows what the labs' servers do to their clients, and checks
//! the exercises.
//!
//!     cargo run               the course
//!     cargo run -- demo       the demonstration
//!     cargo run -- check      the exercises: what is done, and what is next
//!     cargo run -- --help     all commands

mod assistant;

use std::io::{self, Write};
use std::process::ExitCode;

use assistant::help_option::help_option;
use assistant::interrupt::Stopped;
use assistant::{check, course, demo};
use clap::Command;

/// The exit status after Ctrl-C: 128 and the number of SIGINT, as shells have it.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let matches = command_line().get_matches();
    let ended = match matches.subcommand() {
        Some(("demo", matches)) => demo::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("check", matches)) => check::check(matches),
        Some(("hint", matches)) => check::hint(matches),
        Some(("solution", matches)) => check::solution(matches),
        Some(("reset", matches)) => check::reset(matches),
        Some((_, matches)) => {
            course::run(matches);
            Ok(ExitCode::SUCCESS)
        }
        None => {
            course::run(&matches);
            Ok(ExitCode::SUCCESS)
        }
    };
    let (line, status) = match ended {
        Ok(status) => return status,
        Err(Stopped::Interrupted) => {
            ("Stopped by Ctrl-C; no server is left running.".to_owned(), INTERRUPTED.into())
        }
        Err(Stopped::Failed(failure)) => (format!("Error: {failure}"), ExitCode::FAILURE),
    };
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "{line}");
    status
}

fn command_line() -> Command {
    Command::new("socketlab")
        .bin_name("cargo run --")
        .about("A course about sockets and threads. Without a command, the course is printed.")
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(help_option())
        .subcommands([course::command(), demo::command(), check::check_command()])
        .subcommands([check::hint_command(), check::solution_command(), check::reset_command()])
}
