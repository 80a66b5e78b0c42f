//! A server's console as text: each line with the client that it is about.

use crate::draw::terminal::paint;
use crate::draw::text::{View, client_code};

/// A line of a server's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsoleLine {
    /// The client that it is about.
    pub client: char,
    /// What it says, escaped.
    pub text: String,
    /// Whether it stands inside the record of another client.
    pub is_foreign: bool,
}

/// Draws the lines, cut to the columns of the view; `✗` marks the foreign ones.
pub fn draw(lines: &[ConsoleLine], view: View) -> String {
    let mut drawn = String::new();
    for ConsoleLine { client, text, is_foreign } in lines {
        let mark = if *is_foreign { '✗' } else { '│' };
        let line: String = format!("  {client} {mark} {text}").chars().take(view.width).collect();
        drawn += &paint(&line, client_code(*client), view.colour);
        drawn.push('\n');
    }
    drawn
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_line_has_its_client_and_foreign_ones_a_mark() {
        let line = |client, text: &str, is_foreign| ConsoleLine {
            client,
            text: text.to_owned(),
            is_foreign,
        };
        let lines = [line('A', "Thread-1:", false), line('C', "  in the way", true)];
        let view = |width, colour| View { width, span: Duration::ZERO, colour };
        assert_eq!(draw(&lines, view(12, false)), "  A │ Thread\n  C ✗   in t\n");
        let coloured = "\x1b[94m  A │ Thread-1:\x1b[0m\n  C ✗   in the way\n";
        assert_eq!(draw(&lines, view(80, true)), coloured);
    }
}
