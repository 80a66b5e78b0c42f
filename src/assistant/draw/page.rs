//! A whole terminal whose lines are replaced one by one, and a line to type at.

use std::fmt::Write as _;
use std::mem;

use crate::draw::terminal::{Screen, Size, size};

/// Rows at the bottom: one to type at, and one for the cursor, as Enter in the last row moves everything up.
const INPUT_ROWS: usize = 2;

/// A terminal that shows this and nothing else. When it is dropped, the terminal looks as before.
#[derive(Debug)]
pub struct Page<'a> {
    screen: &'a mut Screen,
    size: Size,
    /// What stands in the terminal.
    lines: Vec<String>,
}

impl<'a> Page<'a> {
    /// Puts what the terminal shows aside.
    pub fn open(screen: &'a mut Screen) -> Self {
        let mut page = Self { screen, size: size(), lines: Vec::new() };
        // The other screen of the terminal, without wrapping (xterm's control sequences).
        page.screen.write("\x1b[?1049h\x1b[?7l");
        page.clear();
        page
    }

    /// How much room there is for lines.
    pub fn room(&mut self) -> Size {
        if mem::replace(&mut self.size, size()) != self.size {
            self.clear();
        }
        Size { rows: self.size.rows.saturating_sub(INPUT_ROWS), ..self.size }
    }

    /// Shows these lines from the top; only those that have changed are written.
    pub fn show(&mut self, mut lines: Vec<String>) {
        lines.resize(self.room().rows, String::new());
        let mut changes = String::new();
        for (row, line) in lines.iter().enumerate() {
            if self.lines.get(row) != Some(line) {
                // Erased first: behind a full line, the cursor still stands on its last character.
                let _ = write!(changes, "\x1b[{};1H\x1b[K{line}", row + 1);
            }
        }
        if !changes.is_empty() {
            // The cursor goes back to where something may just be typed.
            self.screen.write(&format!("\x1b[?25l\x1b7{changes}\x1b8\x1b[?25h"));
        }
        self.lines = lines;
    }

    /// Empties the line to type at, after Enter.
    pub fn clear_input(&mut self) {
        let row = self.size.rows.saturating_sub(INPUT_ROWS) + 1;
        self.screen.write(&format!("\x1b[{row};1H\x1b[J> "));
    }

    /// Whether standard output is closed.
    pub fn gone(&self) -> bool {
        self.screen.gone()
    }

    fn clear(&mut self) {
        self.lines.clear();
        self.screen.write("\x1b[2J");
        self.clear_input();
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        self.screen.write("\x1b[?7h\x1b[?25h\x1b[?1049l");
    }
}
