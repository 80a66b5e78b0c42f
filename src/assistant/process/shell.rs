//! The system's shell.

use std::process::Command;

/// Its program.
pub const SHELL: &str = if cfg!(windows) { "cmd" } else { "sh" };

/// A shell that runs this line.
pub fn shell(line: &str) -> Command {
    let mut shell = Command::new(SHELL);
    #[cfg(not(windows))]
    shell.arg("-c").arg(line);
    // `cmd` has rules of its own for quotes: with /S it takes off the outer two and leaves the rest.
    #[cfg(windows)]
    std::os::windows::process::CommandExt::raw_arg(&mut shell, format!("/S /C \"{line}\""));
    shell
}
