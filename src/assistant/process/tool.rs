//! Programs that are asked something: `rustc`, `git`, `df`.

use std::process::Command;
use std::time::Duration;

use socketlab::reason;

use crate::process::program::Program;

/// How long such a program may take.
const TOOL_TIMEOUT: Duration = Duration::from_secs(20);

/// What a program prints when it is given this input; if it fails, the line that says why.
pub fn said(command: &mut Command, input: &str) -> Result<String, String> {
    let mut program = Program::start(command).map_err(|error| reason(&error))?;
    let _ = program.type_bytes(input.as_bytes());
    program.end_input();
    let end = program.end_within(TOOL_TIMEOUT);
    let printed = program.printed();
    if end.is_some_and(|status| status.success()) {
        return Ok(printed.lines.iter().map(|line| line.text.clone() + "\n").collect());
    }
    let errors = printed.errors();
    let is_error = |line: &&str| ["fatal", "error"].iter().any(|it| line.starts_with(it));
    let error = errors.lines().find(is_error).or(errors.lines().next());
    Err(error.unwrap_or("it was ended, because it takes too long").to_owned())
}
