//! The server's console and its operator, whom the checker plays.

use std::io::Write;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::check::evidence::headed;
use crate::check::finding::{Finding, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::TOO_MUCH;
use crate::check::stage::silence::Watcher;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::draw::figures::figure;
use crate::process::interrupt::POLL_INTERVAL;
use crate::process::program::escaped;
use crate::process::program::{Program, signal_of};
use crate::process::server_process::ServerProcess;
use crate::process::shell::SHELL;
use crate::process::system;
use crate::threads::busy;

impl Stage<'_> {
    /// Waits until the console shows `text` somewhere that has not been read yet.
    pub fn is_shown(&mut self, text: &str, patience: Duration) -> bool {
        let shown = self.until(self.begin_wait(patience), |stage, slice| {
            // Before the wait: what the server printed before that has arrived then.
            let has_ended = stage.server.process().is_none_or(ServerProcess::has_ended);
            let shown = stage.find_on_console(text, slice);
            Ok(if has_ended { Some(shown) } else { shown.map(Some) })
        });
        let Ok(Some(Some(text))) = shown else { return false };
        self.note(CONSOLE, What::Printed(text));
        true
    }

    /// Waits until something stands behind `message`, which is shown: a prompt, in its line, below it, or on
    /// standard error, of which `errors` bytes are older.
    pub fn is_prompted(&mut self, message: &str, errors: usize, patience: Duration) -> bool {
        let line = self.console;
        let wait = self.begin_wait(patience);
        let prompted = self.until_it_holds(wait, POLL_INTERVAL, |stage| {
            let lines = stage.console_since(line);
            let place = lines.iter().position(|line| line.contains(message));
            // A line that has not ended is a prompt, too.
            place.is_none_or(|place| {
                place + 1 < lines.len() || line + place >= stage.console_lines()
            }) || stage.errors().len() > errors
        });
        prompted.unwrap_or_default()
    }

    /// The line that contains this and has not been read yet.
    fn find_on_console(&mut self, text: &str, patience: Duration) -> Option<String> {
        let seen = self.console;
        let found = self.program()?.wait_until(patience, |printed| {
            let place = printed.lines.iter().skip(seen).position(|line| line.text.contains(text));
            match place {
                Some(place) => Some((seen + place, printed.lines[seen + place].text.clone())),
                None => printed
                    .partial()
                    .contains(text)
                    .then(|| (printed.lines.len(), printed.partial())),
            }
        });
        let (line, text) = found?;
        self.console = line;
        Some(text)
    }

    /// What the console shows that has not been read yet.
    pub fn console_since(&mut self, line: usize) -> Vec<String> {
        let Some(program) = self.program() else { return Vec::new() };
        let printed = program.printed();
        let partial = printed.partial();
        let lines = printed.lines.into_iter().skip(line).map(|line| line.text);
        lines.chain((!partial.is_empty()).then_some(partial)).collect()
    }

    /// What is on standard error, where the system puts the message of a panic.
    pub fn errors(&mut self) -> String {
        self.program().map_or_else(String::new, |program| program.printed().errors())
    }

    /// How many whole lines the console shows.
    pub fn console_lines(&mut self) -> usize {
        self.program().map_or(0, |program| program.count().1)
    }

    /// The operator types a line.
    pub fn type_line(&mut self, line: &str) -> Outcome {
        self.note(CONSOLE, What::Typed(line.to_owned()));
        self.type_quietly(line)
    }

    /// The same, and writes nothing down.
    pub fn type_quietly(&mut self, line: &str) -> Outcome {
        match self.program().map(|program| program.type_line(line)) {
            Some(Err(_)) => self.died(CONSOLE),
            _ => Ok(()),
        }
    }

    /// The operator types the same line again and again, for as long as the server reads it.
    pub fn keep_typing(&mut self, line: &str) {
        let Some(mut input) = self.program().and_then(Program::take_input) else { return };
        let line = format!("{line}\n");
        // Without a thread nothing is typed. It may be held up there until the server is ended. What is typed has an
        // end: a server may keep it all. Its input has none as long as the stage stands.
        let thread = thread::Builder::new().spawn(move || {
            let _ = (0..TOO_MUCH.div_ceil(line.len()))
                .try_for_each(|_| input.write_all(line.as_bytes()));
            input
        });
        self.typing = thread.ok();
    }

    /// Whether the server has taken all that [`Stage::keep_typing`] types: it keeps it in its memory.
    pub fn has_typed_all(&self) -> bool {
        self.typing.as_ref().is_some_and(JoinHandle::is_finished)
    }

    /// The server's last lines, as evidence.
    pub fn last_lines(&mut self) -> Vec<String> {
        let process = self.server.process();
        process.map_or(Vec::new(), |process| headed("Its last lines:", process.last_lines()))
    }

    /// The operator's input ends, as at Ctrl-D.
    pub fn end_input(&mut self) {
        self.note(CONSOLE, What::Server("told by Ctrl-D that no more is typed".to_owned()));
        if let Some(program) = self.program() {
            program.end_input();
        }
    }

    /// The last lines of the console, as evidence.
    pub fn console_tail(&mut self, count: usize) -> Vec<String> {
        let lines = self.console_since(0);
        let last = lines.into_iter().rev().take(count).collect::<Vec<_>>();
        let shown = last.into_iter().rev().map(|line| escaped(&line)).collect();
        headed("On the server's console:", shown)
    }

    /// Whether the program that was started is the server, and not one that has started it, as far as one can see.
    fn is_server_itself(&mut self) -> bool {
        let Some(program) = self.program().map(|program| program.id()) else { return true };
        // Processes without sockets are not among them.
        let sample = Watcher::new(program, Instant::now()).glance();
        sample.map_or(true, |sample| sample.threads.iter().any(|thread| thread.id == program))
    }

    /// Presses Ctrl-C; the server must end, with status 0. Where a shell runs it, the signal may have
    /// ended the shell.
    pub fn interrupt(&mut self, patience: Duration) -> Outcome {
        /// SIGINT, and what a shell makes of it.
        const INTERRUPTED: (i32, i32) = (2, 130);
        if !system::has_ctrl_c() {
            return Err(Halt::LeftOut("this system lets no program press Ctrl-C"));
        }
        self.note(CONSOLE, What::Server("interrupted by Ctrl-C".to_owned()));
        let record = self.record;
        let at = |what: &str, note: String| {
            record.add(CONSOLE, What::Server(what.to_owned()));
            let step = record.events().len().checked_sub(1);
            Finding { step, ..Finding::new(Code::NoCleanExit, note) }
        };
        let is_server = self.is_server_itself();
        let Some(process) = self.server.process() else { return Ok(()) };
        let program = process.program();
        // The exit status of what has only started the server says little.
        let is_no_shell = is_server && (program.name() != SHELL || busy::is_no_shell(program.id()));
        let _ = program.signal_group("INT");
        let start = Instant::now();
        if !self.ends_or_stands(patience) {
            let note = format!("It was still running {} later.", figure(start.elapsed()));
            return Err(at("still running", note).into());
        }
        let Some(process) = self.server.process() else { return Ok(()) };
        let Some(status) = process.program().end_within(Duration::ZERO) else { return Ok(()) };
        let by_signal = signal_of(status) == Some(INTERRUPTED.0);
        if by_signal && is_no_shell {
            let note = "The signal itself ended the process: no handler for Ctrl-C was set, and every \
                        conversation was cut where it stood.";
            let mut finding = at("at its end", note.to_owned());
            finding.look = Some("Where `main` says what is to happen at Ctrl-C (`on_ctrl_c`).");
            return Err(finding.into());
        }
        let by_shell = status.code() == Some(INTERRUPTED.1);
        if by_shell && is_no_shell {
            let mut finding = at("at its end", format!("It ended, but with {status}, not 0."));
            finding.evidence = headed("Its last lines:", process.last_lines());
            finding.look = Some(
                "How the process ends at Ctrl-C: some systems end it with 130 by themselves, which stands for \
                 the signal. Java does, behind its shutdown hooks: `Runtime.getRuntime().halt(0)` as their \
                 last line makes it 0.",
            );
            return Err(finding.into());
        }
        if !status.success() && !by_signal && !by_shell {
            let mut finding = at("at its end", format!("It ended, but with {status}."));
            finding.evidence = headed("Its last lines:", process.last_lines());
            finding.look = Some(
                "How the process ends at Ctrl-C: the loop must be left, and `main` must return `Ok`. A \
                 panic, an error and `process::exit` give another exit status.",
            );
            return Err(finding.into());
        }
        Ok(())
    }
}
