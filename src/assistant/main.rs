//! The lab assistant: prints the course, shows what the labs' servers do to their clients, and checks exercises.
//!
//!     cargo run               the course
//!     cargo run -- demo       the demonstration
//!     cargo run -- grow       how the longest wait grows with the number of clients
//!     cargo run -- watch 07   a lab's server, and where each of its threads stands
//!     cargo run -- check      the exercises: what is done, and what is next
//!     cargo run -- handouts   pages of the handouts, and the kit for students
//!     cargo run -- doctor     whether this machine has what the course needs
//!     cargo run -- --help     all commands

use std::io::{self, Write};
use std::process::ExitCode;

use assistant::commands::{
    self, check, demo, doctor, grow, handouts, hint, labs, mark, reset, solution, watch,
};
use assistant::process::interrupt::{self, INTERRUPTED};

/// The exit status of a check that could not be made. That of a check that is not passed is 1.
const NOT_CHECKED: u8 = 2;

fn main() -> ExitCode {
    let matches = commands::command_line().get_matches();
    let ended = match matches.subcommand() {
        Some(("demo", matches)) => demo::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("grow", matches)) => grow::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("watch", matches)) => watch::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("check", matches)) => check::run(matches),
        Some(("hint", matches)) => hint::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("solution", matches)) => solution::run(matches),
        Some(("mark", matches)) => mark::run(matches),
        Some(("handouts", matches)) => handouts::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("reset", matches)) => reset::run(matches).map(|()| ExitCode::SUCCESS),
        Some(("doctor", matches)) => doctor::run(matches),
        Some((_, matches)) => labs::run(matches).map(|()| ExitCode::SUCCESS),
        None => labs::run(&matches).map(|()| ExitCode::SUCCESS),
    };
    let (line, status) = match ended {
        Ok(status) => return status,
        // After Ctrl-C waits end early, and what then seems to fail has not failed.
        Err(_) if interrupt::requested() => {
            ("Stopped by Ctrl-C; no server is left running.".to_owned(), INTERRUPTED.into())
        }
        Err(stopped) => {
            let checks = matches!(matches.subcommand_name(), Some("check" | "mark" | "solution"));
            let status = if checks { NOT_CHECKED.into() } else { ExitCode::FAILURE };
            (format!("Error: {stopped}"), status)
        }
    };
    // A closed standard error cannot be told so.
    let _ = writeln!(io::stderr(), "{line}");
    status
}
