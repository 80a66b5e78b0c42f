//! Errors for people: one sentence that says what happened, to whom, and what to do next.

use std::error::Error;
use std::fmt;
use std::io;

/// What `main` of every lesson returns.
///
/// On `Err`, Rust prints `Error: ` and the sentence to standard error and ends the process with
/// status 1 (see [`std::process::Termination`]).
pub type Outcome = Result<(), Failure>;

/// A sentence for the person at the keyboard, and the end of the program.
///
/// `main` prints its error with `Debug`. So that people never see the insides of a struct, `Debug`
/// prints the sentence here, as `Display` does.
pub struct Failure(String);

impl Failure {
    /// A failure that `sentence` explains: what happened, and what to do next.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(reason(&error))
    }
}

/// The system's words for an error, without the number: `connection reset by peer`.
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => words.to_owned(),
    }
}

/// Why a client has to give up in the middle of its conversation.
///
/// A reply that is not UTF-8 ([`io::ErrorKind::InvalidData`]) means that a program other than the
/// lab's server is listening; any other error means that the server is gone.
pub fn lost_server(error: io::Error) -> Failure {
    Failure(match error.kind() {
        io::ErrorKind::InvalidData => {
            "the reply is not the text that this lab's server sends, so another program may be \
             listening there: check --port and the server's terminal"
                .to_owned()
        }
        io::ErrorKind::UnexpectedEof => {
            "the server closed the connection before it had answered: look at its \
             terminal, start it again if it has stopped, then start this client again"
                .to_owned()
        }
        _ => format!(
            "the connection to the server was lost ({}): look at its terminal, start it again if \
             it has stopped, then start this client again",
            reason(&error)
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_the_systems_words_without_the_number() {
        let reset = io::Error::other("Connection reset by peer (os error 104)");
        assert_eq!(reason(&reset), "connection reset by peer");
        assert_eq!(reason(&io::Error::other("")), "");
    }

    #[test]
    fn debug_is_the_sentence_because_main_prints_it() {
        assert_eq!(format!("{:?}", Failure::new("no server")), "no server");
    }
}
