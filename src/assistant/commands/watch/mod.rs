//! `cargo run -- watch`: a server, and where each of its threads stands.
//!
//! | job | module |
//! | --- | --- |
//! | what the server prints | [`console`] |
//! | a sample as a person reads it | [`view`] |

mod console;
mod view;

use std::io::{self, BufRead, Write};
use std::process::{ChildStdin, Command as Process, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::program::Program;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};
use socketlab::Failure;

use crate::commands::watch::console::Console;
use crate::commands::watch::view::View;
use crate::course::Lab;
use crate::draw::page::Page;
use crate::draw::terminal::{Screen, Size, wrap};
use crate::process::examples::Examples;
use crate::process::interrupt::{self, Stopped};
use crate::process::shell::shell;
use crate::threads::{Owner, Sampler, Unseen};

/// The port of a server that belongs to no lab, if none is given.
const PORT: u16 = 12345;

/// How often the console is looked at while there are no threads to be seen.
const UNSEEN_INTERVAL: Duration = Duration::from_millis(50);

/// How long a server may take to stop when it is told to.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// How many lines of the console stay in the terminal when everything has ended.
const LAST_LINES: usize = 10;

/// What can be done while a server is shown.
const HELP: &str = "What you type goes to the server; Ctrl-C ends it.";

/// The command line of `watch`.
pub fn command() -> Command {
    let lab = Arg::new("lab").value_name("NN").value_parser(parse_lab).help(
        "The lab whose server is started, such as 07; 07p is your practice\n\
         file of that lab, 07s the solution.",
    );
    let server = Arg::new("server").long("server").value_name("COMMAND").help(
        "Starts any program in any language instead. The shell runs the\n\
         command; {port} in it stands for the port:\n\
         --server 'python3 server.py {port}'.",
    );
    let port =
        Arg::new("port").long("port").value_name("PORT").value_parser(value_parser!(u16)).help(
            format!(
                "The port to listen on; by default that of the lab, or {PORT} with\n\
                 --server. A lab's server takes any free port for 0."
            ),
        );
    let all = Arg::new("all")
        .long("all")
        .action(ArgAction::SetTrue)
        .help("Shows the threads that wait for Ctrl-C, and a runtime's own, too.");
    let options = Arg::new("options")
        .value_name("OPTIONS")
        .last(true)
        .num_args(0..)
        .help("Options of the server, behind `--`: watch 07 -- --hold conversation.");
    Command::new("watch")
        .bin_name("cargo run -- watch")
        .about("Starts a server and shows where each of its threads stands.")
        .after_help(
            "Start the clients in other terminals, as the handouts do. What you type here\n\
             goes to the server; Ctrl-C ends it.",
        )
        .next_line_help(true)
        .args([lab, server, port, all, options])
        .group(ArgGroup::new("what").args(["lab", "server"]).required(true))
}

/// Reads a lab's number, with `p` or `s` behind it, and returns the name of the example.
fn parse_lab(text: &str) -> Result<String, String> {
    let number = text.trim_end_matches(['p', 's']);
    let lab = Lab::parse(number)?;
    let number = lab.number();
    match &text[text.trim_end_matches(['p', 's']).len()..] {
        "" => Ok(format!("{}_server", lab.name)),
        "p" => Ok(format!("{number}_practice")),
        "s" => Ok(format!("{number}_solution")),
        _ => Err(format!("{number}p is your practice file, {number}s the solution")),
    }
}

/// Starts the server and shows it until it ends, or until Ctrl-C.
///
/// # Errors
/// When the server cannot be built or started, or does not end well, and at Ctrl-C. No process is left
/// then either.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    let port = matches.get_one::<u16>("port").copied();
    let options = matches.get_many::<String>("options").into_iter().flatten();
    let options: Vec<&str> = options.map(String::as_str).collect();
    let example = matches.get_one::<String>("lab");
    let built = example.map(|example| Examples::build([example.as_str()])).transpose()?;
    let (mut process, title) = match (example, &built) {
        (Some(example), Some(built)) => {
            let mut process = Process::new(built.path(example));
            if let Some(port) = port {
                process.args(["--port", &port.to_string()]);
            }
            process.args(&options);
            (process, [&[example.as_str()], options.as_slice()].concat().join(" "))
        }
        _ => {
            let line = matches.get_one::<String>("server").map_or("", String::as_str);
            let line = line.replace("{port}", &port.unwrap_or(PORT).to_string());
            let line = [&[line.as_str()], options.as_slice()].concat().join(" ");
            (shell(&line), line)
        }
    };
    // Python keeps its output to itself when it is not a terminal, unless it is told otherwise.
    process.env("PYTHONUNBUFFERED", "1");
    let started = Instant::now();
    let server = Server(Program::start(&mut process)?);
    let watched = Watched {
        sampler: Sampler::new(server.0.id()).started(started),
        server,
        started,
        console: Console::default(),
        view: View::default(),
        unseen: None,
        all: matches.get_flag("all"),
    };
    watched.show(&title)
}

/// A server that does not outlive its owner, with everything that it has started.
#[derive(Debug)]
struct Server(Program);

impl Server {
    /// Tells it to stop, as Ctrl-C does, and gives it time for its last lines.
    fn stop(&mut self) {
        if self.0.signal_group("INT").is_ok() {
            let _ = self.0.wait_for_end(STOP_TIMEOUT);
        }
        self.0.end_group();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.end_group();
    }
}

/// How it has ended.
#[derive(Debug)]
enum End {
    /// By Ctrl-C.
    Interrupted,
    /// Because nothing reads what is printed here.
    Unread,
    /// The server has ended.
    Itself(ExitStatus),
}

/// A server that is watched, and what is known of it.
#[derive(Debug)]
struct Watched {
    server: Server,
    started: Instant,
    console: Console,
    sampler: Sampler,
    view: View,
    /// Why its threads cannot be seen.
    unseen: Option<Unseen>,
    /// Whether to show threads that are part of no lesson.
    all: bool,
}

impl Watched {
    fn show(mut self, title: &str) -> Result<(), Stopped> {
        let mut screen = Screen::open();
        let typed = Arc::new(AtomicBool::new(false));
        if let Some(input) = self.server.0.take_input() {
            let typed = Arc::clone(&typed);
            // Reading blocks, and nothing can wake it: this thread is left behind at the end.
            thread::Builder::new().spawn(move || pass_on(input, &typed))?;
        }
        let ended = if screen.is_live() {
            let ended = self.show_live(title, screen.colour(), &typed);
            // Now the terminal looks as before: what was printed last stays to be read.
            let lines = self.console.lines();
            for line in &lines[lines.len().saturating_sub(LAST_LINES)..] {
                screen.print(&format!("{line}\n"));
            }
            ended
        } else {
            self.show_changes(&mut screen)
        };
        match ended {
            End::Interrupted => Err(Stopped::Interrupted),
            End::Unread => Ok(screen.close()?),
            End::Itself(status) if status.success() => {
                screen.print(&format!("{title} has ended ({status}).\n"));
                Ok(screen.close()?)
            }
            End::Itself(status) => {
                let silent = self.console.lines().is_empty();
                let lines =
                    if silent { "it printed nothing" } else { "its last lines stand above" };
                Err(Failure::new(format!("{title} has ended ({status}): {lines}")).into())
            }
        }
    }

    /// Draws the terminal again and again.
    fn show_live(&mut self, title: &str, colour: bool, typed: &AtomicBool) -> End {
        let mut page = Page::open();
        let (on, off) = if colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        loop {
            self.look();
            if typed.swap(false, Ordering::Relaxed) {
                page.clear_input();
            }
            let mut room = page.room();
            let heading = [format!("{on}{title}{off}"), HELP.to_owned(), String::new()];
            room.rows = room.rows.saturating_sub(heading.len());
            let now = Instant::now();
            let console = self.console.lines();
            let mut lines = heading.to_vec();
            match self.unseen {
                Some(unseen) => lines.extend(unseen_lines(unseen, room, &console)),
                None => lines.extend(self.view.lines(room, now, colour, &console)),
            }
            page.show(lines);
            if self.is_over(page.gone()) {
                // The terminal is itself again before anything is waited for: a second Ctrl-C ends it all.
                let unread = page.gone();
                drop(page);
                let ended = self.end(unread);
                self.console.update(&self.server.0);
                return ended;
            }
        }
    }

    /// Prints a line for each change, with the time since the start.
    fn show_changes(&mut self, screen: &mut Screen) -> End {
        let mut said = None;
        loop {
            let changes = self.look();
            if self.unseen != said {
                said = self.unseen;
                if let Some(unseen) = said {
                    let width = screen.width();
                    screen.print(&format!("{}\n", wrap(&unseen.to_string(), width)));
                }
            }
            self.print(screen, changes);
            if self.is_over(screen.gone()) {
                let ended = self.end(screen.gone());
                let rest = self.console_changes();
                self.print(screen, rest);
                return ended;
            }
        }
    }

    fn print(&self, screen: &mut Screen, changes: Vec<(Instant, String, String)>) {
        for (at, who, what) in changes {
            let time = at.saturating_duration_since(self.started).as_secs_f64();
            screen.print(&format!("{time:8.2} s  {who:16}  {what}\n"));
        }
    }

    /// Looks at the threads and the console; returns what has changed: when, whose, and what.
    fn look(&mut self) -> Vec<(Instant, String, String)> {
        let mut changes = Vec::new();
        match self.sampler.settled() {
            Ok(mut sample) => {
                self.unseen = None;
                sample.threads.retain(|thread| self.all || thread.owner == Owner::Program);
                // A thread that has not run yet stands nowhere, and may still give itself a name.
                let counts = sample.threads.iter().any(|thread| thread.runs > 0);
                sample.threads.retain(|thread| !counts || thread.runs > 0);
                let now = Instant::now();
                let new = self.view.update(&sample, now);
                changes.extend(new.into_iter().map(|(who, what)| (now, who, what)));
            }
            // How it has ended is said at once.
            Err(Unseen::Ended) => thread::sleep(UNSEEN_INTERVAL),
            Err(unseen) => {
                self.unseen = Some(unseen);
                thread::sleep(UNSEEN_INTERVAL);
            }
        }
        // What was printed led to what was seen.
        [self.console_changes(), changes].concat()
    }

    fn console_changes(&mut self) -> Vec<(Instant, String, String)> {
        let new = self.console.update(&self.server.0).into_iter();
        new.map(|(at, line)| (at, "console".to_owned(), line)).collect()
    }

    fn is_over(&mut self, unread: bool) -> bool {
        unread || interrupt::requested() || !matches!(self.server.0.ended(), Ok(None))
    }

    /// Ends everything, and says why.
    fn end(&mut self, unread: bool) -> End {
        match self.server.0.ended() {
            Ok(Some(status)) if !interrupt::requested() => {
                // What it said last may still be on its way.
                let _ = self.server.0.wait_for(STOP_TIMEOUT, "the end of its output", |printed| {
                    printed.is_complete().then_some(())
                });
                End::Itself(status)
            }
            _ => {
                self.server.stop();
                if unread { End::Unread } else { End::Interrupted }
            }
        }
    }
}

/// The console alone, below the reason for that.
fn unseen_lines(unseen: Unseen, room: Size, console: &[String]) -> Vec<String> {
    let reason = wrap(&unseen.to_string(), room.columns);
    let mut lines: Vec<String> = reason.lines().map(str::to_owned).collect();
    lines.push(String::new());
    let left = room.rows.saturating_sub(lines.len());
    lines.extend_from_slice(&console[console.len().saturating_sub(left)..]);
    lines
}

/// Hands what is typed here on to the server, until one of the two does not want any more.
fn pass_on(mut input: ChildStdin, typed: &AtomicBool) {
    let mut stdin = io::stdin().lock();
    loop {
        let length = match stdin.fill_buf() {
            Ok([]) | Err(_) => return,
            Ok(bytes) if input.write_all(bytes).is_err() => return,
            Ok(bytes) => bytes.len(),
        };
        stdin.consume(length);
        typed.store(true, Ordering::Relaxed);
    }
}
