//! The system's shell.

use std::process::Command;

/// A shell that runs the line that is its next argument.
pub fn shell() -> Command {
    let (name, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut shell = Command::new(name);
    shell.arg(option);
    shell
}
