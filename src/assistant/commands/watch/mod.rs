//! `cargo run -- watch`: a server, and where each of its threads stands.
//!
//! | job | module |
//! | --- | --- |
//! | what to type so that a client comes | [`connect`] |
//! | what the server prints | [`console`] |
//! | a sample as a person reads it | [`view`] |

mod connect;
mod console;
mod view;

use std::io::{self, BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{ChildStdin, Command as Process, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::program::Program;
use clap::{Arg, ArgGroup, ArgMatches, Command, value_parser};
use socketlab::Failure;

use crate::commands::watch::connect::Connect;
use crate::commands::watch::console::Console;
use crate::commands::watch::view::{Change, View, last_lines};
use crate::commands::{option, plain, subcommand, switch};
use crate::course::{LABS, Lab};
use crate::draw::page::Page;
use crate::draw::terminal::{Screen, Size, clip, paint, wrap};
use crate::exercise::files::PracticeFiles;
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

/// How many rows a terminal has at least, most often, without the line that is typed.
const USUAL_ROWS: usize = 23;

const HELP: &str = "What you type goes to the server; Ctrl-C ends it.";

/// The command line of `watch`.
pub fn command() -> Command {
    let lab = Arg::new("lab").value_name("NN").value_parser(parse_lab).help(
        "The lab whose server is started, such as 07; 07p is your practice\n\
         file of that lab, 07s the solution.",
    );
    let server = option("server", "COMMAND").help(
        "Starts any program in any language instead. The shell runs the\n\
         command; {port} in it stands for the port:\n\
         --server 'python3 server.py {port}'.",
    );
    let port = option("port", "PORT").value_parser(value_parser!(u16)).help(format!(
        "The port to listen on; by default that of the lab, or {PORT} with\n\
         --server. A lab's server takes any free port for 0."
    ));
    let all =
        switch("all").help("Shows the threads that wait for Ctrl-C, and a runtime's own, too.");
    let options = Arg::new("options")
        .value_name("OPTIONS")
        .last(true)
        .num_args(0..)
        .help("Options of the server, behind `--`: watch 07 -- --hold conversation.");
    subcommand("watch", "Starts a server and shows where each of its threads stands.")
        .after_help(
            "Start the clients in other terminals, as the handouts do. What you type here\n\
             goes to the server; Ctrl-C ends it.",
        )
        .args([lab, server, port, all, plain(), options])
        .group(ArgGroup::new("what").args(["lab", "server"]).required(true))
}

/// Reads a lab's number, with `p` or `s` behind it, and returns the name of the example.
fn parse_lab(text: &str) -> Result<String, String> {
    let (number, kind) = text.split_at(text.trim_end_matches(['p', 's']).len());
    let lab = Lab::parse(number)?;
    let number = lab.number();
    match kind {
        "" => Ok(format!("{}_server", lab.name())),
        "p" => Ok(format!("{number}_practice")),
        "s" => Ok(format!("{number}_solution")),
        _ => Err(format!("{number}p is your practice file, {number}s the solution")),
    }
}

/// Starts the server and shows it until it ends, or until Ctrl-C. Fails when the server cannot be built or started, or
/// does not end well, and at Ctrl-C. No process is left then either.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    let port = matches.get_one::<u16>("port").copied();
    let options = matches.get_many::<String>("options").into_iter().flatten();
    let options: Vec<&str> = options.map(String::as_str).collect();
    let example = matches.get_one::<String>("lab");
    if let Some(number) = example.and_then(|example| example.strip_suffix("_solution")) {
        let lab = LABS.iter().find(|lab| lab.number() == number);
        lab.map(|lab| PracticeFiles::of(lab.name()).text("solution.rs")).transpose()?;
    }
    let built = example.map(|example| Examples::build([example.as_str()])).transpose()?;
    let mut connect = Connect {
        client: example
            .and_then(|example| example.strip_suffix("_server"))
            .map(|lab| lab.to_owned() + "_client"),
        other_port: port.is_some() || options.iter().any(|option| option.starts_with("--port")),
        address: None,
        is_read: false,
    };
    let (mut process, title) = match (example, &built) {
        (Some(example), Some(built)) => {
            let mut process = Process::new(built.path(example));
            let port = port.map(|port| ["--port".to_owned(), port.to_string()]);
            process.args(port.into_iter().flatten()).args(&options);
            (process, [&[example.as_str()], options.as_slice()].concat().join(" "))
        }
        _ => {
            let line = matches.get_one::<String>("server").map_or("", String::as_str);
            if port.is_some() || line.contains("{port}") {
                let port = port.unwrap_or(PORT);
                connect.address = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            }
            let line = line.replace("{port}", &port.unwrap_or(PORT).to_string());
            let line = [&[line.as_str()], options.as_slice()].concat().join(" ");
            (shell(&line), line)
        }
    };
    // Python keeps its output to itself when it is not a terminal, unless it is told otherwise.
    process.env("PYTHONUNBUFFERED", "1");
    let started = Instant::now();
    let server = Program::start(&mut process)?;
    let watched = Watched {
        sampler: Sampler::new(server.id()).started(started),
        server,
        started,
        console: Console::default(),
        connect,
        view: View::default(),
        unseen: None,
        all: matches.get_flag("all"),
    };
    watched.show(&title, Screen::open().plain(matches.get_flag("plain")))
}

/// How the server has ended by itself; nothing if what is printed here is not read any more. An error after Ctrl-C.
type Ended = Result<Option<ExitStatus>, Stopped>;

/// A server that is watched, and what is known of it.
#[derive(Debug)]
struct Watched {
    server: Program,
    started: Instant,
    console: Console,
    connect: Connect,
    sampler: Sampler,
    view: View,
    /// Why its threads cannot be seen.
    unseen: Option<Unseen>,
    /// Whether to show threads that are part of no lesson.
    all: bool,
}

impl Watched {
    fn show(mut self, title: &str, mut screen: Screen) -> Result<(), Stopped> {
        let typed = Arc::new(AtomicBool::new(false));
        if let Some(input) = self.server.take_input() {
            let typed = Arc::clone(&typed);
            // Reading blocks, and nothing can wake it: this thread is left behind at the end.
            thread::Builder::new().spawn(move || pass_on(input, &typed))?;
        }
        let ended = if screen.is_live() {
            self.show_live(title, &mut screen, &typed)
        } else {
            self.show_changes(&mut screen)
        };
        if let Some(status) = ended? {
            if !status.success() {
                let silent = self.console.lines().is_empty();
                let lines =
                    if silent { "it printed nothing" } else { "its last lines stand above" };
                return Err(Failure::new(format!("{title} has ended ({status}): {lines}")).into());
            }
            screen.print(&format!("{title} has ended ({status}).\n"));
        }
        Ok(screen.close()?)
    }

    fn show_live(&mut self, title: &str, screen: &mut Screen, typed: &AtomicBool) -> Ended {
        let colour = screen.colour();
        let mut page = Page::open(screen);
        loop {
            self.look();
            if typed.swap(false, Ordering::Relaxed) {
                page.clear_input();
            }
            let (room, now) = (page.room(), Instant::now());
            let title = paint(&clip(title, room.columns), "1", colour);
            let mut lines = vec![title.clone(), HELP.to_owned()];
            let hint =
                self.hint(room.rows).map(|hint| wrap(&hint, room.columns)).unwrap_or_default();
            lines.extend(hint.lines().map(str::to_owned));
            lines.push(String::new());
            let rows = room.rows.saturating_sub(lines.len());
            lines.extend(self.table(Size { rows, ..room }, now, colour));
            page.show(lines);
            if self.is_over(page.gone()) {
                // The terminal is itself again before anything is waited for: a second Ctrl-C ends it all.
                let unread = page.gone();
                drop(page);
                let ended = self.end(unread);
                self.console.update(&self.server);
                // Now the terminal looks as before: the last table stays to be read.
                screen.print(&format!("{title}\n"));
                let rows = room.rows.saturating_sub(1);
                let table = self.table(Size { rows, ..room }, now, colour);
                table.iter().for_each(|line| screen.print(&format!("{line}\n")));
                return ended;
            }
        }
    }

    /// The threads, the clients and the console; the console alone where there are no threads to be seen.
    fn table(&self, room: Size, now: Instant, colour: bool) -> Vec<String> {
        let console = self.console.lines();
        match self.unseen {
            Some(unseen) => unseen_lines(unseen, room, &console),
            None => self.view.lines(room, now, colour, &console),
        }
    }

    /// What to type so that a client comes, until the first one is there; for other machines it stays, if there are `rows`.
    fn hint(&self, rows: usize) -> Option<String> {
        // Where clients cannot be seen, the server prints more than its first line when one has come.
        let has_clients = match self.unseen {
            Some(_) => self.console.lines().len() > 1,
            None => self.view.has_clients(),
        };
        self.connect.hint(has_clients).filter(|_| !has_clients || rows >= USUAL_ROWS)
    }

    /// Prints a line for each change, with the time since the start.
    fn show_changes(&mut self, screen: &mut Screen) -> Ended {
        let mut said = None;
        let mut hinted = false;
        loop {
            let changes = self.look();
            if self.unseen != said {
                said = self.unseen;
                said.iter().for_each(|unseen| screen.say(&unseen.to_string()));
            }
            self.print(screen, changes);
            if let (false, true, Some(hint)) = (hinted, screen.is_plain(), self.hint(0)) {
                hinted = true;
                screen.print(&format!("{hint}\n"));
            }
            if self.is_over(screen.gone()) {
                let ended = self.end(screen.gone());
                let rest = self.console_changes();
                self.print(screen, rest);
                return ended;
            }
        }
    }

    fn print(&self, screen: &mut Screen, changes: Vec<(Instant, Change)>) {
        for (at, (who, verb, what)) in changes {
            let time = at.saturating_duration_since(self.started).as_secs_f64();
            screen.print(&if screen.is_plain() {
                format!("{time:.2} s: {who} {verb}{what}\n")
            } else {
                format!("{time:8.2} s  {who:16}  {what}\n")
            });
        }
    }

    /// Looks at the threads and the console; returns what has changed, and when.
    fn look(&mut self) -> Vec<(Instant, Change)> {
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
                changes.extend(new.into_iter().map(|change| (now, change)));
            }
            Err(unseen) => {
                // How it has ended is said at once.
                if unseen != Unseen::Ended {
                    self.unseen = Some(unseen);
                }
                thread::sleep(UNSEEN_INTERVAL);
            }
        }
        // What was printed led to what was seen.
        [self.console_changes(), changes].concat()
    }

    fn console_changes(&mut self) -> Vec<(Instant, Change)> {
        let new = self.console.update(&self.server);
        new.iter().for_each(|(_, line)| self.connect.read(line));
        let change = |what| ("console".to_owned(), "shows: ", what);
        new.into_iter().map(|(at, line)| (at, change(line))).collect()
    }

    fn is_over(&mut self, unread: bool) -> bool {
        unread || interrupt::requested() || !matches!(self.server.ended(), Ok(None))
    }

    /// Ends everything, and says how it came to that.
    fn end(&mut self, unread: bool) -> Ended {
        match self.server.ended() {
            Ok(Some(status)) if !interrupt::requested() => {
                // What it said last may still be on its way.
                let _ = self.server.wait_for(STOP_TIMEOUT, "the end of its output", |printed| {
                    printed.is_complete().then_some(())
                });
                Ok(Some(status))
            }
            _ => {
                // As Ctrl-C does, and with time for its last lines.
                if self.server.signal_group("INT").is_ok() {
                    let _ = self.server.wait_for_end(STOP_TIMEOUT);
                }
                self.server.end_group();
                if unread { Ok(None) } else { Err(Stopped::Interrupted) }
            }
        }
    }
}

/// The console alone, below the reason for that.
fn unseen_lines(unseen: Unseen, room: Size, console: &[String]) -> Vec<String> {
    let reason = wrap(&unseen.to_string(), room.columns);
    let mut lines: Vec<String> = reason.lines().map(str::to_owned).collect();
    lines.push(String::new());
    lines.extend(last_lines(console, room.rows.saturating_sub(lines.len()), room.columns));
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
