//! Replays every transcript of every page against the real programs.
//!
//! A transcript is what one terminal shows, in a block ` ```console ` below a line that begins with `**Terminal N**`. The blocks
//! are replayed in the order in which they stand; a later block with the same number goes on where the earlier one stopped.
//! A heading ends the scene and all its programs.
//!
//! - `$ COMMAND` starts a program. Known are `cargo run --example NAME -- OPTIONS`, with `VARIABLE=VALUE` before it or
//!   `SHELL COMMAND | ` for its input, and `echo $?` for the status of the last program.
//! - A line that begins with a prompt of the clients shows the prompt and what is typed behind it. With nothing behind it, the
//!   program waits there when the block ends.
//! - `$ cargo run` and `$ cargo run -- COMMAND`, alone in its block, is the lab assistant; its whole output follows. There, times are
//!   elided as well, and with them the lengths of bars and of white space.
//! - `^C`, and `^D` behind a prompt, are keys.
//! - Every other line is printed by the program.
//!
//! Every line that a program prints must be shown, in its order. What a client prints must be shown before anything is typed
//! anywhere else: a reply that comes earlier than the page says is an error. Elided are only ports: every port of the page stands
//! for one and the same real port throughout a scene.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::process::Command;

use crate::support::markdown::{Block, Page, pages};
use crate::support::{PATIENCE, example, root};
use socketlab::program::{Printed, Program};

/// The prompts of the kit's clients, read from their sources, longest first.
fn prompts() -> Vec<String> {
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

/// The ports of a page and the real ones that they stand for.
#[derive(Default)]
struct Ports {
    real: HashMap<String, String>,
    /// Keeps ports at which nobody listens.
    reserved: Vec<socket2::Socket>,
}

impl Ports {
    /// The real port that stands for `shown`; if there is none yet, one at which nobody listens.
    fn nobody_at(&mut self, shown: &str) -> String {
        if let Some(real) = self.real.get(shown) {
            return real.clone();
        }
        let socket =
            socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let port = socket.local_addr().unwrap().as_socket().unwrap().port().to_string();
        self.reserved.push(socket);
        self.real.insert(shown.to_owned(), port.clone());
        port
    }

    /// Whether the page's line says what was printed, but for the ports. A port stands behind `:` or `port`.
    fn same(&mut self, shown: &str, printed: &str) -> bool {
        let (shown, printed) = (pieces(shown), pieces(printed));
        shown.len() == printed.len()
            && (0..shown.len()).all(|index| {
                let before = if index == 0 { "" } else { shown[index - 1] };
                let is_port =
                    [":", ": ", "port ", "--port "].iter().any(|end| before.ends_with(end))
                        && shown[index].len() >= 4;
                if !is_port || !printed[index].starts_with(|c: char| c.is_ascii_digit()) {
                    return shown[index] == printed[index];
                }
                let taken = self
                    .real
                    .iter()
                    .any(|(page, real)| real == printed[index] && page != shown[index]);
                let real = self
                    .real
                    .entry(shown[index].to_owned())
                    .or_insert_with(|| printed[index].to_owned());
                !taken && real == printed[index]
            })
    }
}

/// Splits a text where digits begin or end.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let is_digit = |index: usize| text.as_bytes()[index].is_ascii_digit();
    for (index, _) in text.char_indices().skip(1) {
        if is_digit(index) != is_digit(index - 1) {
            pieces.push(&text[start..index]);
            start = index;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// A terminal of the page, and how much of what its program printed the page has shown.
struct Terminal {
    program: Program,
    lesson: String,
    /// The default port of the lesson, which the page shows.
    port: String,
    /// The option that the replay added, as error messages repeat it.
    added: String,
    /// Whether its input comes from a pipe, so that prompts are answered without anybody typing.
    piped: bool,
    lines: usize,
    errors: usize,
    prompt: String,
}

impl Terminal {
    fn is_client(&self) -> bool {
        self.lesson.ends_with("_client")
    }

    fn press_ctrl_c(&self) {
        self.program.signal("INT").unwrap();
        if self.is_client() {
            // A shell that runs the tests in the background has SIGINT ignored, and clients inherit that.
            let _ = self.program.signal("TERM");
        }
    }

    /// What it has printed that the page has not shown yet.
    fn unshown(&self) -> Option<String> {
        let printed = self.program.printed();
        let partial = printed.partial();
        let error = error_line(&printed, self.errors);
        let line = printed.lines.get(self.lines).map(|line| line.text.clone());
        line.or(error).or((partial != self.prompt && !partial.is_empty()).then_some(partial))
    }
}

/// A complete line on standard error.
fn error_line(printed: &Printed, index: usize) -> Option<String> {
    let errors = printed.errors();
    errors.split_inclusive('\n').nth(index)?.strip_suffix('\n').map(str::to_owned)
}

struct Scene<'a> {
    page: &'a Page,
    prompts: &'a [String],
    terminals: HashMap<String, Terminal>,
    last_status: HashMap<String, String>,
    ports: Ports,
}

impl<'a> Scene<'a> {
    fn new(page: &'a Page, prompts: &'a [String]) -> Self {
        Self {
            page,
            prompts,
            terminals: HashMap::new(),
            last_status: HashMap::new(),
            ports: Ports::default(),
        }
    }

    fn fail(&self, line: usize, what: impl std::fmt::Display) -> ! {
        panic!("{}:{line}: {what}", self.page.name())
    }

    fn replay(&mut self, block: &Block<'_>) {
        let name =
            block.before.strip_prefix("**Terminal ").and_then(|rest| rest.split("**").next());
        if let Some(options) = block.lines.first().and_then(|line| assistant_options(line)) {
            return self.replay_assistant(block, &options);
        }
        let Some(name) = name else {
            self.fail(block.line, "no **Terminal N** stands above this block")
        };
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
            self.step(line, name, shown, last);
        }
    }

    fn replay_assistant(&self, block: &Block<'_>, options: &[&str]) {
        let program =
            Program::start(Command::new(env!("CARGO_BIN_EXE_socketlab")).args(options)).unwrap();
        let (status, lines, errors) = crate::support::run(program, "");
        assert!(status.success(), "{}:{}: {errors}", self.page.name(), block.line);
        let (shown, printed) =
            (without_times(&block.lines[1..].join("\n")), without_times(&lines.join("\n")));
        if shown != printed {
            self.fail(block.line, format!("this is printed:\n{}", lines.join("\n")));
        }
    }

    /// Nothing may be typed while a client has printed something that the page has not shown.
    fn check_quiet(&self, line: usize) {
        for (name, terminal) in &self.terminals {
            if terminal.is_client() {
                if let Some(unshown) = terminal.unshown() {
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
        let (input, command) = match command.rsplit_once(" | ") {
            Some((input, command)) => (Some(input), command),
            None => (None, command),
        };
        let (variables, command) =
            command.split_at(command.find("cargo ").unwrap_or(command.len()));
        let (cargo, options) = command.split_once(" -- ").unwrap_or((command, ""));
        let Some(lesson) = cargo.strip_prefix("cargo run --example ") else {
            self.fail(line, "only `cargo run --example NAME` and `echo $?` can be replayed")
        };
        let mut process = Command::new(example(lesson));
        process.envs(variables.split_whitespace().filter_map(|variable| variable.split_once('=')));
        let options: Vec<&str> = options.split_whitespace().collect();
        let port = match options.iter().position(|option| *option == "--port") {
            Some(index) => options[index + 1].to_owned(),
            None => default_port(lesson),
        };
        let real = if lesson.ends_with("_client") {
            self.ports.nobody_at(&port)
        } else {
            // Its own port, unless a server of this scene has it already: then it is the one that is taken.
            let taken =
                self.terminals.values().any(|other| other.port == port && !other.is_client());
            if !taken {
                self.ports.real.remove(&port);
            }
            self.ports.real.get(&port).cloned().unwrap_or("0".to_owned())
        };
        let others = options.iter().enumerate().filter(|(index, option)| {
            **option != "--port" && (*index == 0 || options[index - 1] != "--port")
        });
        process.args(others.map(|(_, option)| option)).args(["--port", &real]);
        let added =
            if options.contains(&"--port") { String::new() } else { format!(" -- --port {real}") };
        let mut program = Program::start(&mut process).unwrap();
        if let Some(input) = input {
            let output = Command::new("sh").args(["-c", input]).output().unwrap();
            program
                .type_line(String::from_utf8(output.stdout).unwrap().trim_end_matches('\n'))
                .unwrap();
            program.end_input();
        }
        let terminal = Terminal {
            program,
            lesson: lesson.to_owned(),
            port,
            added,
            piped: input.is_some(),
            lines: 0,
            errors: 0,
            prompt: String::new(),
        };
        self.terminals.insert(name.to_owned(), terminal);
    }

    /// The program must have ended, and everything that it printed been shown; returns its status.
    fn end(&self, line: usize, name: &str, mut terminal: Terminal) -> String {
        let status = terminal.program.wait_for_end(PATIENCE);
        let status = status.unwrap_or_else(|gave_up| self.fail(line, gave_up));
        if let Some(unshown) = terminal.unshown() {
            self.fail(line, format!("terminal {name} has also printed {unshown:?}"));
        }
        status.code().map_or("130".to_owned(), |code| code.to_string())
    }

    fn step(&mut self, line: usize, name: &str, shown: &str, last: bool) {
        let prompt = self.prompts.iter().find(|prompt| shown.starts_with(prompt.trim_end()));
        let terminal = &self.terminals[name];
        let typing = terminal.is_client() && !terminal.piped;
        match (shown, prompt) {
            ("^C", _) => {
                self.check_quiet(line);
                self.terminals[name].press_ctrl_c();
            }
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
            _ => self.expect_line(line, name, shown),
        }
    }

    fn wait_for_prompt(&mut self, line: usize, name: &str, prompt: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        let shown = terminal.lines;
        let there = |printed: &Printed| {
            (printed.lines.len() == shown && printed.partial() == prompt).then_some(())
        };
        let waited = terminal.program.wait_for(PATIENCE, format!("the prompt {prompt:?}"), there);
        terminal.prompt = prompt.to_owned();
        waited.unwrap_or_else(|gave_up| self.fail(line, gave_up));
    }

    fn answer(&mut self, line: usize, name: &str, typed: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        let prompt = std::mem::take(&mut terminal.prompt);
        if typed == "^C" {
            terminal.press_ctrl_c();
            terminal.prompt = prompt;
            return;
        }
        let echoed = if typed == "^D" {
            terminal.program.end_input();
            prompt
        } else {
            terminal.program.type_line(typed).unwrap();
            prompt + typed
        };
        // A terminal would have shown what was typed; into a pipe, the program prints it itself.
        self.expect_line(line, name, &echoed);
    }

    fn expect_line(&mut self, line: usize, name: &str, shown: &str) {
        let terminal = self.terminals.get_mut(name).unwrap();
        let (lines, errors) = (terminal.lines, terminal.errors);
        let is_error = shown.to_lowercase().starts_with("error: ");
        let next = |printed: &Printed| match is_error {
            true => error_line(printed, errors),
            false => printed.lines.get(lines).map(|line| line.text.clone()),
        };
        let waited = terminal.program.wait_for(PATIENCE, format!("the line {shown:?}"), next);
        *if is_error { &mut terminal.errors } else { &mut terminal.lines } += 1;
        let (port, added) = (terminal.port.clone(), terminal.added.clone());
        let printed = waited.unwrap_or_else(|gave_up| self.fail(line, gave_up));
        let printed = printed.strip_suffix(&added).map_or(printed.clone(), str::to_owned);
        if let Some((_, address)) = printed.split_once("listening on ") {
            let real = address.rsplit(':').next().unwrap().to_owned();
            self.ports.real.insert(port, real);
        }
        if !self.ports.same(shown.trim_end(), printed.trim_end()) {
            self.fail(line, format!("terminal {name} printed\n  {printed}\nand not\n  {shown}"));
        }
    }

    /// At the end of a scene everything has been shown; programs that still run are ended.
    fn close(mut self, line: usize) {
        for (name, terminal) in &self.terminals {
            if let Some(unshown) = terminal.unshown() {
                self.fail(line, format!("terminal {name} has also printed {unshown:?}"));
            }
        }
        for (name, terminal) in std::mem::take(&mut self.terminals) {
            if terminal.program.printed().is_complete() {
                self.end(line, &name, terminal);
            }
        }
    }
}

/// The options of a command that runs the lab assistant.
fn assistant_options(line: &str) -> Option<Vec<&str>> {
    let options = line.strip_prefix("$ cargo run")?.trim_start();
    match options.strip_prefix("--") {
        None if options.is_empty() => Some(Vec::new()),
        Some(rest) if rest.starts_with(' ') => Some(rest.split_whitespace().collect()),
        _ => None,
    }
}

/// A text in which every time is `T` and every white space one space; of drawings the marks and words remain, in their order:
/// how long a bar is, and where the axis has its ticks, is a matter of time.
fn without_times(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim().starts_with("0 s ") && !line.contains('├'));
    let text: Vec<String> = lines.map(|line| line.replace(['█', '▒'], " ")).collect();
    let text = text.join("\n").replace('○', " ○ ").replace('●', " ● ").replace('■', " ■ ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut plain = String::new();
    let mut index = 0;
    while index < words.len() {
        let unit = words.get(index + 1).map(|unit| unit.trim_end_matches([',', ':', '.', ')']));
        let number = words[index].trim_start_matches('<');
        if number.parse::<f64>().is_ok() && matches!(unit, Some("s" | "ms")) {
            plain += " T";
            index += 1;
            plain += &words[index][unit.map_or(0, str::len)..];
        } else {
            plain += " ";
            plain += words[index];
        }
        index += 1;
    }
    plain
}

fn default_port(lesson: &str) -> String {
    let help = Command::new(example(lesson)).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (before, _) =
        help.split_once(" by default. With").or(help.split_once(" by default.\n  -h")).unwrap();
    before.rsplit(' ').next().unwrap().to_owned()
}

/// The blocks of a page, scene by scene; a heading of any level begins a new one.
fn scenes(page: &Page) -> Vec<Vec<Block<'_>>> {
    let headings: Vec<usize> = page
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("## ") || line.starts_with("### "))
        .map(|(index, _)| index + 1)
        .collect();
    let mut scenes: Vec<Vec<Block<'_>>> = Vec::new();
    let mut current = usize::MAX;
    for block in page.blocks().into_iter().filter(|block| block.info.starts_with("console")) {
        let heading = headings.iter().filter(|line| **line < block.line).count();
        if heading != current {
            scenes.push(Vec::new());
            current = heading;
        }
        scenes.last_mut().unwrap().push(block);
    }
    scenes
}

#[test]
fn every_transcript_says_what_the_programs_do() {
    let prompts = prompts();
    let pages = pages();
    let scenes: Vec<(&Page, Vec<Block<'_>>)> = pages
        .iter()
        .flat_map(|page| scenes(page).into_iter().map(move |scene| (page, scene)))
        .collect();
    assert!(scenes.len() > 7, "only {} scenes", scenes.len());
    // Some scenes are slow because the lesson is; they wait for nothing but themselves.
    std::thread::scope(|threads| {
        for (page, blocks) in &scenes {
            let prompts = &prompts;
            threads.spawn(move || {
                let mut scene = Scene::new(page, prompts);
                for block in blocks {
                    scene.replay(block);
                }
                let end = blocks.last().map_or(0, |block| block.line + block.lines.len() + 1);
                scene.close(end);
            });
        }
    });
}
