//! A server that is started as a process of its own on a free port, and surely ended.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::process::free_port::FreePort;
use crate::process::interrupt;
use crate::process::program::escaped;
use crate::process::program::{Line, Program};
use crate::process::shell::shell;

/// How many of a server's last lines are worth showing when it is in trouble.
const LAST_LINES: usize = 5;

/// How long a server's own end after Ctrl-C may take, and its death until it is seen from all sides.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// A running server. When this is dropped, its process and everything that it has started are killed.
#[derive(Debug)]
pub struct ServerProcess {
    program: Program,
    address: SocketAddr,
    /// What it is called in error messages.
    name: String,
    _port: Option<FreePort>,
}

impl ServerProcess {
    /// Starts a server with `--port 0` and `options`, and waits until it is listening. Fails when it cannot be started,
    /// ends, or is not listening within `patience`.
    pub fn start(executable: &Path, options: &[&str], patience: Duration) -> Result<Self, Failure> {
        let mut command = Command::new(executable);
        let mut server = Self::run(command.args(["--port", "0"]).args(options), None)?;
        let listening = server.program.listening_address(patience);
        if let Some(address) = listening.ok().and_then(|address| address.parse().ok()) {
            server.address = address;
            return Ok(server);
        }
        let why = if server.program.printed_all() {
            let end = server.program.end_within(EXIT_TIMEOUT);
            let end = end.map_or(String::new(), |status| format!(" ({status})"));
            format!("it ended{end} before it was listening")
        } else {
            format!("it was not listening after {} s", patience.as_secs())
        };
        Err(server.trouble(&format!("did not start: {why}")))
    }

    /// Starts a shell's command line, in which `{port}` stands for a free port, and does not wait until it is
    /// listening. Fails when there is no free port or no shell.
    pub fn launch_line(line: &str) -> Result<Self, Failure> {
        let server = Self::launch(|port| shell(&line.replace("{port}", port)))?;
        Ok(Self { name: format!("`{line}`"), ..server })
    }

    /// As [`Self::launch_line`], but starts a program, with `--port` and `options`.
    pub fn launch_program(executable: &Path, options: &[&str]) -> Result<Self, Failure> {
        Self::launch(|port| {
            let mut command = Command::new(executable);
            command.args(["--port", port]).args(options);
            command
        })
    }

    fn launch(command: impl FnOnce(&str) -> Command) -> Result<Self, Failure> {
        let port = FreePort::pick()?;
        let mut command = command(&port.address().port().to_string());
        // Python keeps its output to itself when it is not a terminal, unless it is told otherwise.
        command.env("PYTHONUNBUFFERED", "1");
        // What it prints may stand in a report, where colours are escaped.
        command.env("NO_COLOR", "1");
        // The last lines are to be the message of a panic, not its backtrace.
        command.env("RUST_BACKTRACE", "0");
        Self::run(&mut command, Some(port))
    }

    /// Starts the program; Ctrl-C ends every wait for it.
    fn run(command: &mut Command, port: Option<FreePort>) -> Result<Self, Failure> {
        let mut program = Program::start(command)?;
        program.cancel_waits_when(interrupt::requested);
        let name = program.name().to_owned();
        let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let address = port.as_ref().map_or(unknown, FreePort::address);
        Ok(Self { program, address, name, _port: port })
    }

    /// The program, to read its console or type there.
    pub fn program(&mut self) -> &mut Program {
        &mut self.program
    }

    /// Tells it to stop, as Ctrl-C does, and waits for its last words, for a second at the most.
    /// On Windows it has none: it is killed when this is dropped.
    pub fn stop(&mut self) {
        if self.program.signal("INT").is_ok() {
            self.wait_for_end();
        }
    }

    /// Waits for its own end, for a second at the most.
    pub fn wait_for_end(&mut self) {
        let _ = self.program.end_within(EXIT_TIMEOUT);
    }

    /// The last lines that it has printed, escaped.
    pub fn last_lines(&self) -> Vec<String> {
        let printed = self.program.printed();
        let errors = printed.errors();
        let lines = printed.lines.iter().map(|line| line.text.as_str()).chain(errors.lines());
        let lines: Vec<String> = lines
            // What Rust adds to a panic says nothing about its cause.
            .filter(|line| !line.is_empty() && !line.starts_with("note: run with `RUST_BACKTRACE"))
            .map(|line| escaped(&line.replace('\t', "  ")))
            .collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].to_vec()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it has ended without being told to. What it printed is complete then, as with
    /// [`Program::end_within`].
    pub fn has_ended(&mut self) -> bool {
        self.program.end_within(Duration::ZERO).is_some()
    }

    /// Why a client may have lost it: it has ended, or does so within a second, as clients can notice it earlier.
    pub fn death(&mut self) -> Option<Failure> {
        let status = self.program.end_within(EXIT_TIMEOUT)?;
        Some(self.trouble(&format!("ended ({status}) in the middle of its work")))
    }

    /// A failure in the words "NAME WHAT", with the server's last lines.
    pub fn trouble(&self, what: &str) -> Failure {
        let name = &self.name;
        Failure::new(match self.last_lines().as_slice() {
            [] => format!("{name} {what}; it printed nothing"),
            lines => format!("{name} {what}; its last lines:\n    {}", lines.join("\n    ")),
        })
    }

    /// What it has printed since `start`: when, and what.
    pub fn lines_since(&self, start: Instant) -> Vec<(Duration, String)> {
        let timed = |line: Line| Some((line.at.checked_duration_since(start)?, line.text));
        self.program.printed().lines.into_iter().filter_map(timed).collect()
    }
}
