//! The terminal, or what stands in for it: its size, colours, and a block of lines that is drawn again and again.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::mem;
use std::time::Duration;

use socketlab::{Failure, reason};
use terminal_size::{Height, Width, terminal_size_of};
use textwrap::{Options, WordSplitter::NoHyphenation};

use crate::draw::columns::{columns, cut};
use crate::draw::text::View;

/// What most terminals have at least, and what a file gets.
const USUAL: Size = Size { columns: 80, rows: 24 };

/// The narrowest terminal on which a block is drawn again and again: no line of it may wrap.
pub const NARROWEST: usize = 56;

/// Beyond this many columns a line is not read any more.
const WIDEST: usize = 200;

/// How large a terminal is, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub columns: usize,
    pub rows: usize,
}

/// Standard output.
#[derive(Debug)]
pub struct Screen {
    live: bool,
    colour: bool,
    plain: bool,
    size: Size,
    /// How many lines of a block stand above the cursor and will be drawn over.
    block: usize,
    /// Whether the block begins in the first line of the terminal.
    at_top: bool,
    /// Whether the cursor stands at the beginning of a line that was announced.
    announced: bool,
    /// Why nothing more can be written.
    trouble: Option<io::Error>,
}

impl Screen {
    /// Looks at standard output. The width is `COLUMNS` if it is a number from 40 to 1000, otherwise what the terminal
    /// says, otherwise 80. Colour is for terminals that understand escape sequences, and not when `NO_COLOR` is set.
    pub fn open() -> Self {
        let live = io::stdout().is_terminal() && understands_escapes(|name| env::var_os(name));
        let size = size();
        let colour = live && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            live,
            colour,
            plain: false,
            size,
            block: 0,
            at_top: false,
            announced: false,
            trouble: None,
        }
    }

    /// Whether this is a terminal whose cursor can be moved.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// The same, for sentences that may be read aloud, if that is asked for: nothing is drawn over, and nothing coloured.
    pub fn plain(mut self, plain: bool) -> Self {
        self.plain = plain;
        self.live &= !plain;
        self.colour &= !plain;
        self
    }

    /// Whether to print sentences in place of drawings.
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// How many columns may be used.
    pub fn width(&self) -> usize {
        self.size.columns.min(WIDEST)
    }

    /// Whether to colour.
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// How to draw in it what this time has room for.
    pub fn view(&self, span: Duration) -> View {
        View { width: self.width(), span, colour: self.colour }
    }

    /// How many lines may stand above the cursor; in a file, any number.
    pub fn rows(&self) -> usize {
        if self.live { self.size.rows.saturating_sub(1) } else { usize::MAX }
    }

    /// Whether nothing more can be printed: standard output is a closed pipe or a full disk.
    pub fn gone(&self) -> bool {
        self.trouble.is_some()
    }

    /// Ends the output. Fails when some of it could not be written; but a reader that has closed its pipe (`| head -1`)
    /// has what it wanted.
    pub fn close(self) -> Result<(), Failure> {
        match &self.trouble {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
                "standard output cannot be written ({}): check where it goes",
                reason(error)
            ))),
            _ => Ok(()),
        }
    }

    /// Prints `text` below everything else.
    pub fn print(&mut self, text: &str) {
        self.block = 0;
        self.at_top = false;
        if self.announced {
            self.announced = false;
            self.write("\x1b[K");
        }
        self.write(text);
    }

    /// Prints a paragraph, broken into lines.
    pub fn say(&mut self, text: &str) {
        self.print(&format!("{}\n", wrap(text, self.width())));
    }

    /// Prints a line that stands out where that is possible.
    pub fn print_heading(&mut self, line: &str) {
        self.print(&self.heading(line));
    }

    /// A line that stands out where that is possible.
    pub fn heading(&self, line: &str) -> String {
        paint(line, "1", self.colour) + "\n"
    }

    /// Prints an empty line between two things, but not at the top of an empty page.
    pub fn print_gap(&mut self) {
        if !self.at_top {
            self.print("\n");
        }
    }

    /// Begins an empty page, on a terminal. What follows is drawn from its first line on, so that
    /// nothing that is typed meanwhile moves it.
    pub fn clear(&mut self) {
        if self.live {
            self.write("\x1b[2J\x1b[H");
            self.block = 0;
            self.at_top = true;
            self.announced = false;
        }
    }

    /// Asks the terminal for its size. A new one begins an empty page: terminals rearrange their lines differently.
    pub fn notice_resize(&mut self) {
        if self.live && mem::replace(&mut self.size, size()) != self.size {
            self.clear();
        }
    }

    /// Shows a transient status line, until the next output or the next such line; only on a terminal.
    pub fn announce(&mut self, line: &str) {
        if self.live {
            // What does not fit would go on in a second line, which nothing erases.
            let line = cut(line, self.size.columns);
            self.write(&format!("\x1b[K{line}\r"));
            self.announced = true;
        }
    }

    /// Prints what stands above a block, where the block is not drawn until it is finished.
    pub fn begin(&mut self, head: &str) {
        if !self.live {
            self.print(head);
        }
    }

    /// Draws a block of whole lines over the last one; not where that is impossible: in a file, or
    /// on a terminal too narrow for the block. Of a block that is too high the last lines are shown.
    pub fn redraw(&mut self, block: &str) {
        if !self.live || self.size.columns < NARROWEST {
            return;
        }
        let lines: Vec<&str> = block.lines().collect();
        let lines = &lines[lines.len().saturating_sub(self.rows())..];
        self.write(&self.over(lines.iter().copied()));
        self.block = lines.len();
    }

    /// Replaces the block that has been drawn again and again by its final state, below its head.
    pub fn finish(&mut self, head: &str, block: &str) {
        if !self.live {
            return self.print(block);
        }
        self.write(&self.over(head.lines().chain(block.lines())));
        self.block = 0;
        self.at_top = false;
    }

    /// These lines in the place of the block. Line by line: a terminal that is erased as a whole keeps what stood in it.
    /// Each is erased first: behind a full line, the cursor still stands on its last character.
    fn over<'a>(&self, lines: impl Iterator<Item = &'a str>) -> String {
        let back = match self.block {
            _ if self.at_top => "\x1b[H".to_owned(),
            0 => String::new(),
            block => format!("\r\x1b[{block}A"),
        };
        let lines: String = lines.map(|line| format!("\x1b[K{line}\n")).collect();
        back + &lines + "\x1b[J"
    }

    pub(super) fn write(&mut self, text: &str) {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        if let Err(error) = written {
            self.trouble.get_or_insert(error);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.announced {
            self.write("\x1b[K");
        }
    }
}

/// Whether the terminal obeys escape sequences, by the variables that terminals set. All of them set
/// `TERM`, except those of Windows: there these three names, and ConEmu's, belong to consoles that do.
/// The old console does only after a call that std does not have (`SetConsoleMode`).
pub fn understands_escapes(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let value = |name| variable(name).filter(|value| !value.is_empty());
    match value("TERM") {
        Some(term) => term != "dumb",
        None => {
            ["WT_SESSION", "TERM_PROGRAM", "ANSICON"].iter().any(|name| value(name).is_some())
                || value("ConEmuANSI").is_some_and(|value| value == "ON")
        }
    }
}

/// The size of standard output now; a terminal may change it at any time.
pub fn size() -> Size {
    let terminal = terminal_size_of(io::stdout());
    let mut size = terminal.map_or(USUAL, |(Width(columns), Height(rows))| Size {
        columns: columns.into(),
        rows: rows.into(),
    });
    let wanted = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    if let Some(columns) = wanted.filter(|columns| (40..=1000).contains(columns)) {
        size.columns = columns;
    }
    size
}

/// Gives `text` a colour, or makes it stand out: `code` are the parameters of SGR (ECMA-48, 8.3.117).
/// Nothing is done without a code, or unless there is `colour`.
pub fn paint(text: &str, code: &str, colour: bool) -> String {
    if colour && !code.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Breaks `text` into lines of at most `width` columns, at spaces.
pub fn wrap(text: &str, width: usize) -> String {
    wrap_indented(text, width, 0)
}

/// The same, with `indent` spaces before every line but the first.
pub fn wrap_indented(text: &str, width: usize, indent: usize) -> String {
    let indent = " ".repeat(indent);
    let options = Options::new(width).break_words(false).word_splitter(NoHyphenation);
    textwrap::fill(text, options.subsequent_indent(&indent))
}

/// As many whole words of `text` as fit into `room` columns, with `…` behind them if that is not all.
pub fn clip(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let words = wrap(text, room.saturating_sub(2));
    match words.lines().next().filter(|line| !line.trim().is_empty()) {
        Some(line) => cut(&format!("{line} …"), room),
        None => cut(text, room),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_that_says_so_gets_escape_sequences() {
        for (name, value, understands) in [
            ("OTHER", "1", false),
            ("TERM", "", false),
            ("TERM", "dumb", false),
            ("TERM", "xterm", true),
            ("WT_SESSION", "ac3f", true),
            ("WT_SESSION", "", false),
            ("ConEmuANSI", "OFF", false),
            ("ConEmuANSI", "ON", true),
        ] {
            let variable = |wanted: &str| (wanted == name).then(|| value.into());
            assert_eq!(understands_escapes(variable), understands, "{name}={value}");
        }
    }

    #[test]
    fn text_is_wrapped_at_spaces() {
        assert_eq!(wrap("ab cd ef", 5), "ab cd\nef");
        assert_eq!(wrap("abcdefgh ij", 5), "abcdefgh\nij");
        assert_eq!(wrap("ab cd", 80), "ab cd");
        assert_eq!(wrap("你好 你好", 8), "你好\n你好");
        assert_eq!(wrap_indented("  ab  cd ef", 8, 4), "  ab  cd\n    ef");
        assert_eq!(clip("  ab cd", 7), "  ab cd");
        assert_eq!(clip("  ab cd", 6), "  ab …");
        assert_eq!(clip("  abcdefgh", 6), "  abc…");
        assert_eq!(clip("abcdefgh ij", 6), "abcde…");
    }
}
