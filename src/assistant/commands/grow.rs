//! `cargo run -- grow`: how the longest wait grows with the number of clients.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use socketlab::{Failure, printable};

use crate::commands::{must_be_writable, option, subcommand, switch, think, write_file};
use crate::draw::columns::cut;
use crate::draw::growth::{Growth, Point};
use crate::draw::questions::Questions;
use crate::draw::svg::Picture;
use crate::draw::terminal::{Screen, wrap};
use crate::draw::{bars, curves};
use crate::grow::round::{self, ROUNDS, measure};
use crate::grow::servers::{SERVERS, Server, YOURS};
use crate::grow::words;
use crate::process::examples::Examples;
use crate::process::interrupt::{self, Stopped};
use crate::process::server_process::ServerProcess;

/// The most clients: std listens with a backlog of 128, and those beyond it would wait for the system.
const MOST_CLIENTS: usize = 100;

/// How much longer than the longest prediction the bars can be.
const HEADROOM: f64 = 1.1;

/// The command line of `grow`.
pub fn command() -> Command {
    let labs = Arg::new("labs")
        .value_name("NN")
        .num_args(0..)
        .value_parser(parse_lab)
        .help(format!("Measures only these labs; {} by default.", numbers().join(", ")));
    let clients = option("clients", "N")
        .value_delimiter(',')
        .default_value("1,2,4,8,16,32,64")
        .value_parser(parse_clients)
        .help("How many clients come at the same moment: 1,2,4,8,16,32,64 by default.");
    let think = think("0.02", 0.001..=1.0)
        .help("How long each client thinks, in seconds: 0.02 by default, 0.001 to 1.");
    let server = option("server", "COMMAND").action(ArgAction::Append).help(
        "Measures another program as well: the shell runs the command, in\n\
         which {port} stands for a free port. The program has to talk as the\n\
         server of lab 02 does: it greets each client, reads one answer and\n\
         closes the connection. May be given several times.",
    );
    let pause = switch("pause").help(
        "Asks a question before each server and waits for Enter: time for the\n\
         class to predict the slope with a pencil.",
    );
    let file = |name| option(name, "FILE").value_parser(value_parser!(PathBuf));
    let svg = file("svg").help("Writes the curves of all servers as a picture as well.");
    let csv = file("csv").help("Writes the figures for a spreadsheet as well.");
    subcommand("grow", "Measures how the longest wait grows with the number of clients.")
        .args([labs, clients, think, server, pause, svg, csv])
}

/// The numbers of the labs that can be measured.
fn numbers() -> Vec<&'static str> {
    let mut numbers: Vec<&str> = SERVERS.iter().map(Server::number).collect();
    numbers.dedup();
    numbers
}

fn parse_lab(text: &str) -> Result<&'static str, String> {
    let asked: Option<u8> = text.parse().ok();
    let found = numbers().into_iter().find(|it| asked.is_some() && it.parse().ok() == asked);
    found.ok_or_else(|| format!("the labs that can be measured are {}", numbers().join(", ")))
}

fn parse_clients(text: &str) -> Result<usize, String> {
    let clients = text.trim().parse().ok().filter(|clients| (1..=MOST_CLIENTS).contains(clients));
    clients.ok_or_else(|| {
        format!(
            "it is a number from 1 to {MOST_CLIENTS}: more would not fit into the backlog of a \
             server that serves one at a time"
        )
    })
}

/// Measures the servers. Fails when a server cannot be built or started or does not serve a client, when a file cannot
/// be written, and at Ctrl-C. No server is left running then either.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    let labs: Vec<&str> = matches.get_many("labs").into_iter().flatten().copied().collect();
    let is_wanted = |server: &&Server| labs.is_empty() || labs.contains(&server.number());
    let commands = matches.get_many::<String>("server").into_iter().flatten();
    let of_labs = SERVERS.iter().filter(is_wanted).map(|server| Part { server, line: None });
    let others = commands.map(|line| Part { server: YOURS, line: Some(line) });
    let parts: Vec<Part<'_>> = of_labs.chain(others).collect();
    let mut clients: Vec<usize> =
        matches.get_many("clients").into_iter().flatten().copied().collect();
    clients.sort_unstable();
    clients.dedup();
    let file = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let (svg, csv) = (file("svg"), file("csv"));
    // What cannot be written would be measured in vain.
    for (file, option) in [(&svg, "--svg"), (&csv, "--csv")] {
        file.iter().try_for_each(|file| must_be_writable(file, option))?;
    }
    Show {
        screen: Screen::open(),
        questions: Questions::open(matches.get_flag("pause"))?,
        clients,
        think: matches.get_one("think").copied().unwrap_or_default(),
        svg,
        csv,
        command: [&["cargo run -- grow"], labs.as_slice()].concat().join(" "),
    }
    .run(&parts)
}

#[derive(Debug)]
struct Part<'a> {
    server: &'static Server,
    /// The shell's command line, if it is none of the labs'.
    line: Option<&'a String>,
}

impl Part<'_> {
    fn name(&self) -> String {
        self.line.map_or_else(|| self.server.name(), |line| printable(line).to_string())
    }

    fn command(&self) -> String {
        self.line.map_or_else(|| self.server.run.command(), |line| printable(line).to_string())
    }

    fn start(&self, examples: &Examples) -> Result<ServerProcess, Stopped> {
        let server = self.server.run;
        if let Some(line) = self.line {
            return round::start_command(line);
        }
        let program = examples.path(server.example());
        Ok(ServerProcess::start(&program, &server.options(), round::PATIENCE)?)
    }
}

/// The measurement as it was asked for.
#[derive(Debug)]
struct Show {
    screen: Screen,
    questions: Questions,
    clients: Vec<usize>,
    think: Duration,
    svg: Option<PathBuf>,
    csv: Option<PathBuf>,
    /// What was typed, without options.
    command: String,
}

impl Show {
    fn run(mut self, parts: &[Part<'_>]) -> Result<(), Stopped> {
        let of_labs = parts.iter().filter(|part| part.line.is_none());
        self.screen.announce("Building…");
        let examples = Examples::build(of_labs.map(|part| part.server.run.example()))?;
        let planned: Vec<Growth> = parts.iter().map(|part| self.plan(part)).collect();
        self.screen.say(&self.introduction(words::estimate(&planned, self.think)));
        let mut growths = Vec::new();
        for (part, planned) in parts.iter().zip(planned) {
            growths.push(self.play(part, planned, &examples)?);
            if self.screen.gone() {
                return Ok(self.screen.close()?);
            }
        }
        self.questions.turn_page(&mut self.screen)?;
        self.screen.print_gap();
        self.screen.print(&words::table(&growths));
        if !growths.iter().any(|it| it.last().is_some_and(|(_, last)| last.usage.is_some())) {
            self.screen.say(words::NO_USAGE);
        }
        if parts.len() >= SERVERS.len() {
            self.screen.print("\n");
            self.screen.say(words::TAKE_HOME);
        }
        self.write(&growths)?;
        Ok(self.screen.close()?)
    }

    fn most(&self) -> usize {
        self.clients.last().copied().unwrap_or(1)
    }

    /// The points that are going to be measured.
    fn plan(&self, part: &Part<'_>) -> Growth {
        let point = |&clients: &usize| {
            let predicted = part.server.predicted(clients, self.think);
            Point { clients, predicted, measured: None }
        };
        Growth { name: part.name(), points: self.clients.iter().map(point).collect() }
    }

    fn introduction(&self, estimate: Duration) -> String {
        format!(
            "Clients come at the same moment. Each waits for its first text from the server and then \
             thinks for {}. How long is the longest wait of a client? Each figure is \
             the middle one of {ROUNDS} rounds; a round of more than half a second is not repeated. All \
             this takes about {} s.",
            self.thinking(),
            estimate.as_secs() + 2
        )
    }

    /// `20 ms`.
    fn thinking(&self) -> String {
        format!("{} ms", self.think.as_secs_f64() * 1000.0)
    }

    /// What stands above the bars.
    fn head(&self, part: &Part<'_>) -> String {
        let width = self.screen.width();
        let mut head = self.screen.heading(&cut(&part.name(), width));
        for line in wrap(&part.command(), width).lines() {
            // What is drawn again and again must not go on in a second line; what is printed can be copied.
            head += &if self.screen.is_live() { cut(line, width) } else { line.to_owned() };
            head.push('\n');
        }
        head + "\n"
    }

    fn draw(&self, growth: &Growth) -> String {
        // What all clients but one think, one after the other, and some room behind that.
        let longest = self.think * u32::try_from(self.most().saturating_sub(1).max(1)).unwrap_or(1);
        let view = self.screen.view(longest.mul_f64(HEADROOM));
        format!("{}\n           {}\n", bars::draw(growth, view), bars::LEGEND)
    }

    fn play(
        &mut self,
        part: &Part<'_>,
        mut growth: Growth,
        examples: &Examples,
    ) -> Result<Growth, Stopped> {
        let question = part.server.question.replace("{clients}", &self.most().to_string());
        let question = question.replace("{think}", &self.thinking());
        self.questions.ask(&mut self.screen, &question)?;
        self.screen.print_gap();
        let head = self.head(part);
        self.screen.begin(&head);
        let mut server = part.start(examples)?;
        for index in 0..growth.points.len() {
            let (point, drawn) = (&growth.points[index], self.draw(&growth));
            let conversation = part.server.conversation;
            let measured = measure(&mut server, conversation, point, self.think, |round| {
                self.screen.notice_resize();
                let clients = point.clients;
                let now = format!("{clients} clients, round {round} of at most {ROUNDS}\n");
                self.screen.redraw(&format!("{head}{drawn}{now}"));
            })?;
            growth.points[index].measured = Some(measured);
        }
        server.stop();
        self.screen.finish(&head, &self.draw(&growth));
        self.screen.print("\n");
        self.screen.say(&words::sentence(&growth));
        if words::is_as_predicted(&growth, self.think) {
            self.screen.say(part.server.reason);
        }
        Ok(growth)
    }

    fn write(&mut self, growths: &[Growth]) -> Result<(), Failure> {
        if let Some(file) = &self.csv {
            write_file(file, &words::csv(growths), "--csv")?;
            self.screen.print(&format!("\nWritten: {}\n", file.display()));
        }
        if let Some(file) = &self.svg {
            let thinking = self.thinking();
            let picture = Picture {
                title: "How the longest wait grows with the number of clients",
                subtitle: &self.command,
                look: &format!(
                    "All clients come at the same moment, and each thinks for {thinking}."
                ),
                sentence: &words::slopes(growths),
                span: Duration::ZERO,
            };
            write_file(file, &curves::draw(growths, &picture), "--svg")?;
            self.screen.print(&format!("\nWritten: {}\n", file.display()));
        }
        Ok(())
    }
}
