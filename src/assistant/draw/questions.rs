//! `--pause`: a question before each part of a show, and Enter.

use std::io::{self, BufRead, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;

use crate::draw::terminal::Screen;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};

/// What is asked before each part; without `--pause` nothing is asked.
#[derive(Debug)]
pub struct Questions {
    /// Each line that was typed.
    typed: Option<Receiver<()>>,
}

impl Questions {
    /// Asks only if that is `wanted`; then standard input is read all the time. Fails when no thread can be started.
    pub fn open(wanted: bool) -> io::Result<Self> {
        let (typed, lines) = mpsc::channel();
        let read = move || {
            let mut lines = io::stdin().lock().split(b'\n').map_while(Result::ok);
            let _ = lines.try_for_each(|_| typed.send(()));
        };
        if wanted {
            // Reading blocks, and nothing can wake it: this thread is left behind at the end.
            thread::Builder::new().spawn(read)?;
        }
        Ok(Self { typed: wanted.then_some(lines) })
    }

    /// Whether there are questions.
    pub fn are_asked(&self) -> bool {
        self.typed.is_some()
    }

    /// On a terminal: leaves what was shown until Enter is pressed, and begins a new page. Fails at Ctrl-C.
    pub fn turn_page(&self, screen: &mut Screen) -> Result<(), Stopped> {
        if self.are_asked() && screen.is_live() {
            screen.print("\nPress Enter to go on. ");
            self.wait_for_enter()?;
            screen.notice_resize();
            screen.clear();
        }
        Ok(())
    }

    /// Asks what is going to happen; on a terminal the question stands alone. Fails at Ctrl-C.
    pub fn ask(&self, screen: &mut Screen, question: &str) -> Result<(), Stopped> {
        if !self.are_asked() {
            return Ok(());
        }
        self.turn_page(screen)?;
        screen.print_gap();
        screen.say(question);
        screen.print("\nPress Enter to see it. ");
        let pressed = self.wait_for_enter();
        screen.print("\n");
        screen.clear();
        pressed
    }

    /// Waits for Enter, or for the end of the input. What was typed at a terminal before this is discarded.
    fn wait_for_enter(&self) -> Result<(), Stopped> {
        let Some(typed) = &self.typed else { return Ok(()) };
        if io::stdin().is_terminal() {
            while typed.try_recv().is_ok() {}
        }
        while typed.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            interrupt::go_on()?;
        }
        interrupt::go_on()
    }
}
