//! `--pause`: a question before each part of a show, and Enter.

use std::io;

use crate::draw::terminal::{EnterKey, Screen};
use crate::process::interrupt::Stopped;

/// What is asked before each part; without `--pause` nothing is asked.
#[derive(Debug)]
pub struct Questions {
    enter: Option<EnterKey>,
}

impl Questions {
    /// Asks only if that is `wanted`.
    ///
    /// # Errors
    /// When the system cannot start a thread.
    pub fn open(wanted: bool) -> io::Result<Self> {
        Ok(Self { enter: if wanted { Some(EnterKey::open()?) } else { None } })
    }

    /// Whether there are questions.
    pub fn are_asked(&self) -> bool {
        self.enter.is_some()
    }

    /// On a terminal: leaves what was shown until Enter is pressed, and begins a new page.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn turn_page(&self, screen: &mut Screen) -> Result<(), Stopped> {
        match &self.enter {
            Some(enter) if screen.is_live() => {
                screen.print("\nPress Enter to go on. ");
                enter.wait()?;
                screen.notice_resize();
                screen.clear();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Asks what is going to happen; on a terminal the question stands alone.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn ask(&self, screen: &mut Screen, question: &str) -> Result<(), Stopped> {
        let Some(enter) = &self.enter else { return Ok(()) };
        self.turn_page(screen)?;
        screen.print_gap();
        screen.say(question);
        screen.print("\nPress Enter to see it. ");
        let pressed = enter.wait();
        screen.print("\n");
        screen.clear();
        pressed
    }
}
