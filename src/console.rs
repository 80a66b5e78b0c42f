//! The terminal of the person who runs a lesson: printing a line, asking for one.

use std::fmt;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use crate::{Failure, printable, reason};

/// Prints one line to standard output, as `println!` does, and carries on when no program reads it
/// any more.
///
/// `println!` panics once standard output is closed (`server | head -1`): its thread is lost, and
/// every lock that it holds is poisoned. A server has to outlive its console. As with `println!`,
/// one call is atomic: standard output has a lock of its own, which is held for the whole line.
#[macro_export]
macro_rules! say {
    ($($line:tt)*) => { $crate::print_line(::std::format_args!($($line)*)) };
}

/// What [`say!`] does; the macro is the way to call it.
pub fn print_line(line: fmt::Arguments<'_>) {
    // A console that is gone cannot be told so.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Prints `prompt` and waits for a line on standard input; `None` is the end of input (Ctrl-D, or a
/// pipe whose writer has closed it).
///
/// The end of the line is not part of the answer. An answer that comes from a pipe is printed
/// behind the prompt, because no terminal has shown it.
///
/// # Errors
/// When standard input cannot be read or is not UTF-8 text.
pub fn ask(prompt: &str) -> Result<Option<String>, Failure> {
    let mut stdout = io::stdout();
    let _ = write!(stdout, "{prompt}").and_then(|()| stdout.flush());
    let mut line = String::new();
    let length = io::stdin().lock().read_line(&mut line).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => Failure::new(
            "what was typed is not UTF-8 text: type it again, or convert the file first",
        ),
        _ => Failure::new(format!(
            "standard input cannot be read ({}): type the answer, or pipe a file into this program",
            reason(&error)
        )),
    })?;
    let answer = line
        .strip_suffix('\n')
        .map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if length == 0 {
        say!("");
        return Ok(None);
    }
    if !io::stdin().is_terminal() {
        say!("{}", printable(answer));
    }
    Ok(Some(answer.to_owned()))
}
