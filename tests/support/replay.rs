//! Replays the transcripts of a scene against the real programs.
//!
//! `CONTRIBUTING.md` says what each line of a transcript means, and `tests/kit/notation.md` shows it.
//!
//! Every line that a program prints must be shown, in its order. What a client prints must be shown before anything is typed
//! anywhere else: a reply that comes earlier than the page says is an error. Elided are only ports: every port of the page stands
//! for one and the same real port throughout a scene.

use std::collections::{BTreeSet, HashMap};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::compiler::quotes;
use super::experiments::{Built, Experiments};
use super::markdown::{Block, Page};
use super::ports::Ports;
use super::{PATIENCE, example, root};
use assistant::process::program::{Printed, Program};

/// How long `(nothing more)` is waited for.
const QUIET: Duration = Duration::from_secs(1);

/// How long a line may take when the other stream, standard output or standard error, has a line that does not fit. The two
/// arrive by different ways.
const OTHER_STREAM: Duration = Duration::from_secs(1);

/// How many lines are looked at before a program is believed to print without end.
const WITHOUT_END: usize = 1000;

/// How many bytes a pipe takes although nobody reads them; writing more could wait for ever.
const PIPE: usize = 1 << 16;

/// How much time on a core proves that a program is busy, in ticks (100 in a second); a program that waits takes none.
#[cfg(target_os = "linux")]
const BUSY: u64 = 30;

/// The prompts of the kit's clients, read from their sources, longest first.
pub fn prompts() -> Vec<String> {
    let mut prompts = Vec::new();
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        prompts.extend(
            source
                .split("ask(\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .map(str::to_owned),
        );
    }
    assert!(prompts.len() >= 5, "{prompts:?}");
    prompts.sort_by_key(|prompt| std::cmp::Reverse(prompt.len()));
    prompts
}

/// A terminal of the page, and how much of what its program printed the page has shown.
struct Terminal {
    program: Program,
    kind: Kind,
    /// The default port of the program, which the page shows.
    port: String,
    /// The option that the replay added, as error messages repeat it.
    added: String,
    /// What stands before the paths in its messages: it was built from a copy in this folder.
    folder: String,
    /// Whether its input comes from a pipe, so that prompts are answered without anybody typing.
    piped: bool,
    /// How many lines of standard output have been shown, and how many bytes of the next one.
    lines: usize,
    offset: usize,
    /// How many lines of standard error have been shown.
    errors: usize,
    /// The lines of standard output that the current block has shown.
    recent: Vec<String>,
    /// Whether it prints without end; then its further output is not compared.
    endless: bool,
    /// The lines that the page has shown of `watch`. What a server prints and where its threads stand
    /// come by two ways, so they are not always in the order of the page.
    watched: Option<BTreeSet<usize>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Server,
    Client,
    Assistant,
}

impl Terminal {
    fn press_ctrl_c(&self) {
        // A server may still be about to wait again for its clients; one that is busy on purpose never does.
        #[cfg(target_os = "linux")]
        if self.kind == Kind::Server {
            let deadline = std::time::Instant::now() + Duration::from_secs(1);
            while !super::proc::is_blocked(self.program.id())
                && std::time::Instant::now() < deadline
            {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        self.program.signal("INT").unwrap();
        if self.kind == Kind::Client {
            // A shell that runs the tests in the background has SIGINT ignored, and clients inherit that.
            let _ = self.program.signal("TERM");
        }
    }

    /// Looks at what it has printed, without copying it.
    fn look<T>(&self, look: impl Fn(&Self, &Printed) -> T) -> T {
        let looked = self.program.wait_for(Duration::ZERO, "", |printed| Some(look(self, printed)));
        looked.unwrap_or_else(|gave_up| panic!("{gave_up}"))
    }

    /// Where the page goes on: the number of the line and of the byte in it. What was shown as the beginning of a line may
    /// have become a whole one.
    fn cursor(&self, printed: &Printed) -> (usize, usize) {
        match printed.lines.get(self.lines) {
            Some(line) if self.offset > 0 && line.text.len() == self.offset => (self.lines + 1, 0),
            _ => (self.lines, self.offset),
        }
    }

    /// The lines of `watch` that the page may show next. One that a shown line of the same thread or client has followed was a
    /// passing state.
    fn unshown_of_watch<'a>(
        shown: &BTreeSet<usize>,
        printed: &'a Printed,
    ) -> Vec<(usize, &'a str)> {
        let lines = (0..).zip(printed.lines.iter().map(|line| line.text.as_str()));
        let followed = |(index, line): &(usize, &str)| {
            let mut later = shown.range(index..);
            !is_console(line)
                && later.any(|later| whose(&printed.lines[*later].text) == whose(line))
        };
        lines.filter(|line| !shown.contains(&line.0) && !followed(line)).collect()
    }

    /// The line of `watch` that the page lacks. What has come between two equal lines of one thread was a passing state too.
    fn missing_of_watch(shown: &BTreeSet<usize>, printed: &Printed) -> Option<String> {
        let unshown = Self::unshown_of_watch(shown, printed);
        let is_over = |line: &str| {
            let own = |other: &str| whose(other) == whose(line);
            let last = unshown.iter().rfind(|(_, other)| own(other)).map(|(_, line)| *line);
            let mut shown = shown.iter().map(|index| printed.lines[*index].text.as_str());
            let last_shown = shown.rfind(|other| own(other));
            !is_console(line) && last.and_then(what_is_seen) == last_shown.and_then(what_is_seen)
        };
        unshown.iter().find(|(_, line)| !is_over(line)).map(|(_, line)| (*line).to_owned())
    }

    /// The next line on standard output that the page has not shown yet.
    fn next_line(&self, printed: &Printed) -> Option<String> {
        if let Some(shown) = &self.watched {
            return Self::missing_of_watch(shown, printed);
        }
        let (lines, offset) = self.cursor(printed);
        let line = printed.lines.get(lines)?;
        Some(line.text.get(offset..).unwrap_or_default().to_owned())
    }

    /// What stands behind the last whole line and has not been shown yet.
    fn next_part(&self, printed: &Printed) -> Option<String> {
        let (lines, offset) = self.cursor(printed);
        let part = printed.partial().get(offset..)?.to_owned();
        (printed.lines.len() == lines && !part.is_empty()).then_some(part)
    }

    /// The next whole line on standard error that the page has not shown yet.
    fn next_error(&self, printed: &Printed) -> Option<String> {
        let errors = printed.errors();
        let whole = errors.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        // What cargo says of its steps stands behind white space.
        let cargo = |line: &str| self.kind == Kind::Assistant && line.starts_with("   ");
        let mut lines =
            whole.filter(|line| !line.is_empty() && !is_hint_at_backtraces(line) && !cargo(line));
        Some(without_thread_id(lines.nth(self.errors)?).replace(&self.folder, ""))
    }

    /// What it has printed that the page has not shown yet.
    fn unshown(&self, printed: &Printed) -> Option<String> {
        if self.endless {
            return None;
        }
        self.next_line(printed).or(self.next_error(printed)).or(self.next_part(printed))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.kind == Kind::Assistant && !self.look(|_, printed| printed.is_complete()) {
            // It has started programs of its own and ends them when it is asked to.
            let _ = self.program.signal("INT");
            let _ = self.program.wait_for_end(PATIENCE);
        }
    }
}

/// A line of `watch` without its time.
fn what_is_seen(line: &str) -> Option<&str> {
    Some(line.split_once(" s  ")?.1)
}

/// Whose a line of `watch` is: a thread's, a client's, or the server's console's.
fn whose(line: &str) -> Option<&str> {
    Some(what_is_seen(line)?.split_once("  ")?.0)
}

fn is_console(line: &str) -> bool {
    whose(line) == Some("console")
}

/// The line that only the first panic of a program has; a page may show it or not.
fn is_hint_at_backtraces(line: &str) -> bool {
    line.starts_with("note: run with `RUST_BACKTRACE")
}

/// The first line of a panic without the number of its thread, which newer versions of Rust print.
fn without_thread_id(line: &str) -> String {
    let id = line.strip_prefix("thread '").and_then(|rest| {
        let (_, rest) = rest.split_once("' (")?;
        let (id, rest) = rest.split_once(')')?;
        (rest.starts_with(" panicked at") && id.parse::<u64>().is_ok()).then_some(id)
    });
    id.map_or(line.to_owned(), |id| line.replacen(&format!(" ({id})"), "", 1))
}

/// A heading of a page and the transcripts below it.
pub struct Scene<'a> {
    page: &'a Page,
    prompts: &'a [String],
    /// The experiment that the programs belong to.
    built: Option<&'a Built>,
    terminals: HashMap<String, Terminal>,
    last_status: HashMap<String, String>,
    ports: Ports,
}

/// How a line of the page came.
enum Source {
    Line,
    /// So many bytes behind the last whole line.
    Part(usize),
    Error,
}

impl<'a> Scene<'a> {
    /// Replays the blocks of a scene.
    pub fn replay(
        page: &'a Page,
        blocks: &[Block<'_>],
        prompts: &'a [String],
        experiments: &'a Experiments,
    ) {
        let mut scene = Self {
            page,
            prompts,
            built: None,
            terminals: HashMap::new(),
            last_status: HashMap::new(),
            ports: Ports::default(),
        };
        for (index, block) in blocks.iter().enumerate() {
            if block.changes().is_some() {
                let found = experiments.get(&(page.path.clone(), block.line));
                scene.built = found.or(scene.built);
                if let Some(built) = found {
                    scene.check_refusals(built, &blocks[index + 1..]);
                }
            } else if block.info == "rustc" {
                scene.check_quotation(block);
            } else if block.info == "console" {
                scene.replay_block(block);
            }
        }
        let end = blocks.last().map_or(0, |block| block.line + block.lines.len() + 1);
        scene.close(end);
    }

    fn fail(&self, line: usize, what: impl std::fmt::Display) -> ! {
        panic!("{}:{line}: {what}", self.page.name())
    }

    /// What the compiler refuses must be quoted.
    fn check_refusals(&self, built: &Built, blocks: &[Block<'_>]) {
        let mut blocks = blocks.iter().take_while(|block| block.changes().is_none());
        let quoted = blocks.any(|block| {
            block.info == "rustc" && block.lines.iter().any(|l| l.starts_with("error"))
        });
        if let Some(error) = built.messages.iter().find(|message| message.is_error()) {
            if !quoted {
                let (_, line) = built.at();
                self.fail(line, format!("the compiler refuses this: {}", error.headline));
            }
        }
    }

    fn check_quotation(&self, block: &Block<'_>) {
        let Some(built) = self.built else {
            self.fail(block.line, "no diff stands above this block")
        };
        let experiment = &built.experiment;
        let source = |path: &str| experiment.files.get(path).cloned();
        let checked = quotes(&block.lines, &built.messages, &experiment.folder, source);
        checked.unwrap_or_else(|error| self.fail(block.line, error));
    }

    fn replay_block(&mut self, block: &Block<'_>) {
        let name =
            block.before.strip_prefix("**Terminal ").and_then(|rest| rest.split("**").next());
        let Some(name) = name else {
            match block.lines.first().and_then(|line| assistant_options(line.strip_prefix("$ ")?)) {
                Some(options) => return self.replay_assistant(block, &options),
                None => self.fail(block.line, "no **Terminal N** stands above this block"),
            }
        };
        if let Some(terminal) = self.terminals.get_mut(name) {
            terminal.recent.clear();
        }
        for (index, shown) in block.lines.iter().enumerate() {
            let line = block.line + 1 + index;
            let last = index + 1 == block.lines.len();
            if let Some(command) = shown.strip_prefix("$ ") {
                self.start(line, name, command);
                continue;
            }
            if *shown == self.last_status.get(name).cloned().unwrap_or_default()
                && !self.terminals.contains_key(name)
            {
                self.last_status.remove(name); // what `echo $?` has printed
                continue;
            }
            if !self.terminals.contains_key(name) {
                self.fail(line, format!("nothing runs in terminal {name}"));
            }
            if *shown == "^C" && index > 0 && block.lines[index - 1] == "^C" {
                self.fail(line, "between two ^C stands what happens there: (nothing more)");
            }
            self.step(line, name, shown, last);
        }
    }

    /// A command of the assistant that runs to its end.
    fn replay_assistant(&self, block: &Block<'_>, options: &[&str]) {
        let mut terminal = start_assistant(options);
        terminal.program.end_input();
        let status = terminal.program.wait_for_end(PATIENCE);
        let status = status.unwrap_or_else(|gave_up| self.fail(block.line, gave_up));
        let printed = terminal.program.printed();
        assert!(status.success(), "{}: {}", block.at(self.page), printed.errors());
        let lines = super::texts(&printed);
        let (shown, printed) =
            (without_times(&block.lines[1..].join("\n")), without_times(&lines.join("\n")));
        if shown != printed {
            self.fail(block.line, format!("this is printed:\n{}", lines.join("\n")));
        }
    }

    /// Nothing may be typed while a client has printed something that the page has not shown.
    fn check_quiet(&self, line: usize) {
        for (name, terminal) in &self.terminals {
            if terminal.kind == Kind::Client {
                if let Some(unshown) = terminal.look(Terminal::unshown) {
                    self.fail(line, format!("terminal {name} has already printed {unshown:?}"));
                }
            }
        }
    }

    fn start(&mut self, line: usize, name: &str, command: &str) {
        self.check_quiet(line);
        let status = self.terminals.remove(name).map(|terminal| self.end(line, name, terminal));
        if command == "echo $?" {
            let Some(status) = status else {
                self.fail(line, "there is no program whose status this could be")
            };
            self.last_status.insert(name.to_owned(), status);
            return;
        }
        let terminal = match assistant_options(command) {
            Some(options) => start_assistant(&options),
            None => self.start_example(line, command),
        };
        self.terminals.insert(name.to_owned(), terminal);
    }

    /// The executable of an example, as the experiment has changed it, and the folder that it was copied to.
    fn executable(&self, line: usize, name: &str) -> (std::path::PathBuf, String) {
        match self.built.filter(|built| built.changes(name)) {
            None => (example(name), String::new()),
            Some(built) => match built.executables.get(name) {
                Some(path) => (path.clone(), format!("{}/", built.experiment.folder)),
                None => self.fail(line, "the compiler refuses this program"),
            },
        }
    }

    fn start_example(&mut self, line: usize, command: &str) -> Terminal {
        let limited = command.strip_prefix("(ulimit ").and_then(|rest| rest.strip_suffix(')'));
        let (limit, command) = match limited.and_then(|rest| rest.split_once("; ")) {
            Some((limit, command)) => (Some(limit), command),
            None => (None, command),
        };
        let (input, command) = match command.rsplit_once(" | ") {
            Some((input, command)) => (Some(input), command),
            None => (None, command),
        };
        let (variables, command) =
            command.split_at(command.find("cargo ").unwrap_or(command.len()));
        let (cargo, options) = command.split_once(" -- ").unwrap_or((command, ""));
        let Some(lesson) = cargo.strip_prefix("cargo run --example ") else {
            self.fail(
                line,
                "only `cargo run --example NAME`, `cargo run -- COMMAND` and `echo $?` can be replayed",
            )
        };
        let (executable, folder) = self.executable(line, lesson);
        let mut process = match limit {
            None => Command::new(&executable),
            Some(limit) => {
                let mut shell = Command::new("sh");
                shell.arg("-c").arg(format!("ulimit {limit} && exec \"$0\" \"$@\""));
                shell.arg(&executable);
                shell
            }
        };
        process.envs(variables.split_whitespace().filter_map(|variable| variable.split_once('=')));
        process.env("RUST_BACKTRACE", "0");
        let mut options: Vec<String> = options.split_whitespace().map(str::to_owned).collect();
        let is_number = |option: &String| option.parse::<u16>().is_ok();
        let alone = |index: usize| index == 0 || !options[index - 1].starts_with('-');
        let with_option =
            options.iter().position(|option| option == "--port").map(|index| index + 1);
        let by_itself =
            (0..options.len()).find(|index| is_number(&options[*index]) && alone(*index));
        let place = with_option.or(by_itself);
        let port = match place {
            Some(index) => options.get(index).cloned().unwrap_or_default(),
            None if lesson.starts_with("my_") => String::new(),
            None => default_port(&executable)
                .unwrap_or_else(|| self.fail(line, "which port? The help does not say")),
        };
        let is_server =
            ["_server", "_practice", "_solution"].iter().any(|end| lesson.ends_with(end));
        let is_client = !is_server;
        let real = if is_client {
            self.ports.nobody_at(&port)
        } else {
            // Its own port, unless a server of this scene has it already: then it is the one that is taken.
            let taken = self
                .terminals
                .values()
                .any(|other| other.port == port && other.kind == Kind::Server);
            if !taken {
                self.ports.real.remove(&port);
            }
            self.ports.real.get(&port).cloned().unwrap_or("0".to_owned())
        };
        let mut added = String::new();
        match place {
            Some(index) => options[index] = real,
            None if port.is_empty() => {}
            None => {
                added = if options.is_empty() { " --" } else { "" }.to_owned();
                added += &format!(" --port {real}");
                options.extend(["--port".to_owned(), real]);
            }
        }
        let mut program = Program::start(process.args(options)).unwrap();
        if let Some(input) = input {
            let output = Command::new("sh").args(["-c", input]).output().unwrap();
            if output.stdout.len() > PIPE {
                self.fail(line, format!("a program is told at most {PIPE} bytes by a pipe"));
            }
            program.type_bytes(&output.stdout).unwrap();
            program.end_input();
        }
        let kind = if is_client { Kind::Client } else { Kind::Server };
        let mut terminal = terminal(program, kind);
        (terminal.port, terminal.added, terminal.folder) = (port, added, folder);
        terminal.piped = input.is_some();
        terminal
    }

    /// The program must have ended, and everything that it printed been shown; returns its status.
    fn end(&self, line: usize, name: &str, mut terminal: Terminal) -> String {
        let status = terminal.program.wait_for_end(PATIENCE);
        let status = status.unwrap_or_else(|gave_up| self.fail(line, gave_up));
        self.check_shown(line, name, &terminal);
        status.code().map_or("130".to_owned(), |code| code.to_string())
    }

    fn check_shown(&self, line: usize, name: &str, terminal: &Terminal) {
        if let Some(unshown) = terminal.look(Terminal::unshown) {
            self.fail(line, format!("terminal {name} has also printed {unshown:?}"));
        }
    }

    fn step(&mut self, line: usize, name: &str, shown: &str, last: bool) {
        let prompt = self.prompts.iter().find(|prompt| shown.starts_with(prompt.trim_end()));
        let terminal = &self.terminals[name];
        let typing = terminal.kind == Kind::Client && !terminal.piped;
        match (shown, prompt) {
            ("^C", _) => {
                self.check_quiet(line);
                self.terminals[name].press_ctrl_c();
            }
            ("^D", _) => {
                self.check_quiet(line);
                self.terminals.get_mut(name).unwrap().program.end_input();
            }
            ("(nothing more)", _) => self.expect_nothing(line, name),
            ("(and so on, without end)", _) => self.expect_no_end(line, name),
            ("(one core is busy)", _) => self.expect_busy(line, name),
            (_, Some(prompt)) if typing => {
                let typed = shown.get(prompt.len()..).unwrap_or("").to_owned();
                self.wait_for_prompt(line, name, prompt);
                if !typed.is_empty() {
                    self.check_quiet(line);
                    self.answer(line, name, &typed);
                } else if !last {
                    self.fail(line, "a prompt without an answer stands at the end of a block");
                }
            }
            (_, None) if typing && shown.starts_with("> ") => {
                self.check_quiet(line);
                let program = &mut self.terminals.get_mut(name).unwrap().program;
                let typed = program.type_line(&shown[2..]);
                typed.unwrap_or_else(|error| self.fail(line, format!("cannot type: {error}")));
            }
            _ => self.expect_line(line, name, shown),
        }
    }

    /// The program goes on running, and prints nothing for a while.
    fn expect_nothing(&self, line: usize, name: &str) {
        let terminal = &self.terminals[name];
        let something = |printed: &Printed| match terminal.unshown(printed) {
            Some(more) => Some(format!("terminal {name} has also printed {more:?}")),
            None => {
                printed.is_complete().then(|| format!("the program in terminal {name} has ended"))
            }
        };
        if let Ok(something) = terminal.program.wait_for(QUIET, "something", something) {
            self.fail(line, something);
        }
    }

    /// The program prints the lines that the block has shown again and again.
    fn expect_no_end(&mut self, line: usize, name: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        let (recent, mut next) = (&terminal.recent, terminal.lines);
        let enough = next + WITHOUT_END;
        let repeated = |printed: &Printed| {
            while next < enough.min(printed.lines.len()) {
                let text = &printed.lines[next].text;
                if !recent.contains(text) {
                    return Some(Err(text.clone()));
                }
                next += 1;
            }
            (next == enough).then_some(Ok(()))
        };
        let waited = terminal.program.wait_for(PATIENCE, "lines without end", repeated);
        terminal.endless = true;
        let different = waited.unwrap_or_else(|gave_up| self.fail(line, gave_up)).err();
        if let Some(text) = different {
            self.fail(line, format!("terminal {name} has printed another line, {text:?}"));
        }
    }

    #[cfg(target_os = "linux")]
    fn expect_busy(&self, line: usize, name: &str) {
        let id = self.terminals[name].program.id();
        let busy_for = || {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // proc_pid_stat(5): behind the name in brackets, utime and stime are the 12th and 13th.
            let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
            Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
        };
        let deadline = std::time::Instant::now() + PATIENCE;
        let before = busy_for().unwrap_or_default();
        while busy_for().unwrap_or_default() < before + BUSY {
            if self.terminals[name].look(|_, printed| printed.is_complete()) {
                self.fail(line, format!("the program in terminal {name} has ended"));
            }
            if std::time::Instant::now() > deadline {
                self.fail(line, format!("no core is busy with the program in terminal {name}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Only Linux says what a process does.
    #[cfg(not(target_os = "linux"))]
    fn expect_busy(&self, _line: usize, _name: &str) {}

    fn wait_for_prompt(&mut self, line: usize, name: &str, prompt: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        let there = |printed: &Printed| {
            let (lines, _) = terminal.cursor(printed);
            (printed.lines.len() == lines && printed.partial() == prompt).then_some(lines)
        };
        let waited = terminal.program.wait_for(PATIENCE, format!("the prompt {prompt:?}"), there);
        terminal.lines =
            waited.unwrap_or_else(|gave_up| panic!("{}:{line}: {gave_up}", self.page.name()));
        terminal.offset = prompt.len();
    }

    fn answer(&mut self, line: usize, name: &str, typed: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        match typed {
            "^C" => terminal.press_ctrl_c(),
            "^D" => terminal.program.end_input(),
            typed => {
                terminal.program.type_line(typed).unwrap();
                // A terminal would have shown what was typed; into a pipe, the program prints it itself.
                self.expect_line(line, name, typed);
            }
        }
    }

    fn expect_line(&mut self, line: usize, name: &str, shown: &str) {
        if is_hint_at_backtraces(shown) {
            return;
        }
        let terminal = self.terminals.get_mut(name).unwrap();
        if terminal.endless {
            self.fail(line, "what is printed behind `(and so on, without end)` is not compared");
        }
        let ports = &mut self.ports;
        let assistant = terminal.kind == Kind::Assistant;
        let mut same = |printed: &str| {
            let printed = printed.strip_suffix(&terminal.added).unwrap_or(printed);
            ports.listening(shown, printed);
            if assistant {
                return ports.same(&without_times(shown), &without_times(printed));
            }
            ports.same(&without_thread_id(shown.trim_end()), printed.trim_end())
        };
        // What stands behind the last whole line may go on: it is taken only as it stands.
        let mut fits = |printed: &Printed| {
            if let Some(shown) = &terminal.watched {
                // Lines of the console stay in their order.
                let mut console = 0;
                let lines = Terminal::unshown_of_watch(shown, printed);
                let found = lines.into_iter().find(|(_, line)| {
                    console += usize::from(is_console(line));
                    (!is_console(line) || console == 1) && same(line)
                });
                let error = terminal.next_error(printed).filter(|next| same(next));
                let error = error.map(|_| (Source::Error, 0));
                return found.map(|(index, _)| (Source::Line, index)).or(error);
            }
            let (lines, _) = terminal.cursor(printed);
            let part = || terminal.next_part(printed).filter(|part| part.trim_end() == shown);
            if terminal.next_line(printed).is_some_and(|next| same(&next)) {
                Some((Source::Line, lines))
            } else if terminal.next_error(printed).is_some_and(|next| same(&next)) {
                Some((Source::Error, lines))
            } else {
                part().map(|part| (Source::Part(part.len()), lines))
            }
        };
        let anything = |printed: &Printed| {
            fits(printed).map(Ok).or_else(|| {
                if let Some(shown_lines) = &terminal.watched {
                    let lines = Terminal::unshown_of_watch(shown_lines, printed);
                    let other =
                        lines.iter().find(|(_, line)| is_console(line) && is_console(shown));
                    return other.map(|(_, line)| Err((*line).to_owned()));
                }
                let part = || terminal.next_part(printed).filter(|part| !shown.starts_with(part));
                let next = terminal.next_line(printed).or(terminal.next_error(printed));
                next.or_else(part).map(Err)
            })
        };
        let wanted = format!("the line {shown:?}");
        let found = match terminal.program.wait_for(PATIENCE, &wanted, anything) {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(other)) => terminal
                .program
                .wait_for(OTHER_STREAM, &wanted, fits)
                .map_err(|_| format!("terminal {name} printed\n  {other}\nand not\n  {shown}")),
            Err(gave_up) => {
                let next = terminal.look(Terminal::next_line).unwrap_or_default();
                Err(format!("{gave_up}; the next line is {next:?}"))
            }
        };
        let (source, lines) =
            found.unwrap_or_else(|error| panic!("{}:{line}: {error}", self.page.name()));
        match source {
            Source::Error => terminal.errors += 1,
            Source::Line => {
                let text = terminal.look(|_, printed| printed.lines[lines].text.clone());
                terminal.recent.push(text);
                if let Some(shown) = &mut terminal.watched {
                    shown.insert(lines);
                } else {
                    (terminal.lines, terminal.offset) = (lines + 1, 0);
                }
            }
            Source::Part(length) => {
                let offset = if lines == terminal.lines { terminal.offset } else { 0 };
                (terminal.lines, terminal.offset) = (lines, offset + length);
            }
        }
    }

    /// At the end of a scene everything has been shown; programs that still run are ended.
    fn close(mut self, line: usize) {
        for (name, terminal) in &self.terminals {
            self.check_shown(line, name, terminal);
        }
        // Told apart before any is ended: the end of a server ends its clients, with a line of their own.
        let (ended, running): (Vec<_>, Vec<_>) = std::mem::take(&mut self.terminals)
            .into_iter()
            .partition(|(_, terminal)| terminal.look(|_, printed| printed.is_complete()));
        for (name, terminal) in ended {
            self.end(line, &name, terminal);
        }
        drop(running);
    }
}

fn terminal(program: Program, kind: Kind) -> Terminal {
    Terminal {
        program,
        kind,
        port: String::new(),
        added: String::new(),
        folder: String::new(),
        piped: false,
        lines: 0,
        offset: 0,
        errors: 0,
        recent: Vec::new(),
        endless: false,
        watched: None,
    }
}

/// Starts a command of the assistant in a terminal. A server that it watches gets a free port.
fn start_assistant(options: &[&str]) -> Terminal {
    let mut process = super::assistant(options);
    if options.first() == Some(&"watch") {
        process.args(["--"].iter().filter(|dashes| !options.contains(dashes)));
        process.args(["--port", "0"]);
    }
    let program = Program::start(&mut process).unwrap();
    let mut terminal = terminal(program, Kind::Assistant);
    terminal.watched = (options.first() == Some(&"watch")).then(BTreeSet::new);
    terminal
}

/// The options of a command that runs the lab assistant.
fn assistant_options(command: &str) -> Option<Vec<&str>> {
    let options = command.strip_prefix("cargo run")?.trim_start();
    match options.strip_prefix("--") {
        None if options.is_empty() => Some(Vec::new()),
        Some(rest) if rest.starts_with(' ') => Some(rest.split_whitespace().collect()),
        _ => None,
    }
}

/// A text in which every time is `T` and every white space one space; of drawings the marks and words remain, in their order:
/// how long a bar is, and where the axis has its ticks, is a matter of time. So is where threads stood when they were looked at,
/// and in which order threads printed on a console that is drawn.
pub fn without_times(text: &str) -> String {
    let is_chance = |line: &&str| {
        let console = line.chars().nth(4).is_some_and(|mark| matches!(mark, '│' | '✗'));
        console || line.trim().starts_with("0 s ") || line.contains(['├', '▁', '░'])
    };
    let lines = text.lines().filter(|line| !is_chance(line));
    // The legend explains `─` only where it is seen.
    let lines = lines.map(|line| line.replace("─── idle", ""));
    let text: Vec<String> = lines.map(|line| line.replace(['█', '▒', '─'], " ")).collect();
    let text = text.join("\n").replace('○', " ○ ").replace('●', " ● ").replace('■', " ■ ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ").replace("less than 0.1 ms", "0.1 ms");
    let words: Vec<&str> = text.split(' ').collect();
    let mut plain = String::new();
    let mut index = 0;
    while index < words.len() {
        let unit = words.get(index + 1).map(|unit| unit.trim_end_matches([',', ':', '.', ')']));
        let number = words[index].trim_start_matches('<');
        if number.parse::<f64>().is_ok() && matches!(unit, Some("s" | "ms")) {
            plain += " T";
            index += 1;
            plain += &words[index][unit.map_or(0, str::len)..];
        } else if number.parse::<u32>().is_ok() && unit == Some("of") {
            plain += " N"; // of so many records
        } else {
            plain += " ";
            plain += words[index];
        }
        index += 1;
    }
    plain
}

/// The port of a program that is not told one, from its help.
fn default_port(executable: &std::path::Path) -> Option<String> {
    let help = Command::new(executable).arg("--help").stdin(Stdio::null()).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, option) = help.split_once("--port <")?;
    let (before, _) = option.split_once(" by default")?;
    Some(before.rsplit(' ').next()?.to_owned())
}
