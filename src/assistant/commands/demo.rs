//! `cargo run -- demo`: the labs' servers with the same clients, side by side in time.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use socketlab::{Failure, printable, reason};

use crate::assistant::client::record::{Event, What};
use crate::assistant::commands::help_option::help_option;
use crate::assistant::demo::acts::{ACTS, Act};
use crate::assistant::demo::play::{self, Cast, Played};
use crate::assistant::demo::words;
use crate::assistant::draw::figures::{chosen, figure};
use crate::assistant::draw::lanes::{Lane, read_lanes};
use crate::assistant::draw::svg;
use crate::assistant::draw::terminal::{Screen, wait_for_enter, wrap};
use crate::assistant::draw::text;
use crate::assistant::draw::text::View;
use crate::assistant::process::examples::Examples;
use crate::assistant::process::interrupt::{self, Stopped};

/// How much of the axis the thinking takes. The rest is for what comes after it.
const THINKING_PART: f64 = 0.9;

/// The command line of `demo`.
pub fn command() -> Command {
    let act = Arg::new("act")
        .long("act")
        .value_name("N")
        .value_delimiter(',')
        .action(ArgAction::Append)
        .value_parser(value_parser!(u8).range(1..=4))
        .help("Plays only this act, 1 to 4; several with commas. All four by default.");
    let clients = Arg::new("clients")
        .long("clients")
        .value_name("N")
        .default_value("3")
        .hide_default_value(true)
        .value_parser(value_parser!(u8).range(2..=9))
        .help("How many clients each act has, 3 by default, 2 to 9.");
    let think = Arg::new("think")
        .long("think")
        .value_name("SECONDS")
        .default_value("2")
        .hide_default_value(true)
        .value_parser(parse_think)
        .help("How long the first client thinks, in seconds: 2 by default, 0.1 to 60.");
    let pause = Arg::new("pause").long("pause").action(ArgAction::SetTrue).help(
        "Asks a question before each act and waits for Enter: time for the\n\
         class to predict what it is going to see.",
    );
    let output = Arg::new("server-output")
        .long("server-output")
        .action(ArgAction::SetTrue)
        .help("Shows what each server printed, and to which client that belongs.");
    let svg =
        Arg::new("svg").long("svg").value_name("DIR").value_parser(value_parser!(PathBuf)).help(
            "Writes a picture of each act as well, as an SVG file in a folder\n\
             named after the lab: DIR/02_blocking_greeter/demo.svg.",
        );
    Command::new("demo")
        .about("Runs the labs' servers and draws which client waits for which.")
        .next_line_help(true)
        .disable_help_flag(true)
        .args([act, clients, think, pause, output, svg, help_option()])
}

fn parse_think(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.1..=60.0).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "it is a number of seconds from 0.1 to 60".to_owned())
}

/// Plays the acts.
///
/// # Errors
/// When a server cannot be built, started or kept alive, a picture cannot be written, and at
/// Ctrl-C. No server is left running then either.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    let wanted: Vec<u8> = matches.get_many("act").into_iter().flatten().copied().collect();
    let acts: Vec<&Act> =
        ACTS.iter().filter(|act| wanted.is_empty() || wanted.contains(&act.number)).collect();
    let clients = matches.get_one::<u8>("clients").copied().unwrap_or(3);
    let cast = Cast {
        clients: ('A'..).take(clients.into()).collect(),
        think: matches.get_one("think").copied().unwrap_or_default(),
        enough: |_| false,
    };
    Show {
        screen: Screen::open(),
        pause: matches.get_flag("pause"),
        server_output: matches.get_flag("server-output"),
        pictures: matches.get_one("svg").cloned(),
        cast,
    }
    .run(&acts)
}

/// The demonstration as it was asked for.
#[derive(Debug)]
struct Show {
    cast: Cast,
    screen: Screen,
    pause: bool,
    server_output: bool,
    /// The folder for pictures.
    pictures: Option<PathBuf>,
}

impl Show {
    fn run(mut self, acts: &[&'static Act]) -> Result<(), Stopped> {
        let mut servers: Vec<String> = acts.iter().map(|act| act.server()).collect();
        servers.dedup();
        let names: Vec<&str> = servers.iter().map(String::as_str).collect();
        let examples = Examples::build(&names)?;

        self.say(&self.introduction());
        let mut results = Vec::new();
        for &act in acts {
            let lanes = self.play(act, &examples.path(&act.server()))?;
            results.push((act, lanes));
            if self.screen.gone() {
                return Ok(self.screen.close()?);
            }
        }
        self.screen.print(&format!("\n{}\n", words::table(&results)));
        self.say(words::TAKE_HOME);
        Ok(self.screen.close()?)
    }

    /// Prints a paragraph.
    fn say(&mut self, text: &str) {
        let width = self.screen.width();
        self.screen.print(&format!("{}\n", wrap(text, width)));
    }

    fn others(&self) -> String {
        words::names(&self.cast.clients[1..])
    }

    fn introduction(&self) -> String {
        format!(
            "Each act starts one of the labs' servers and sends the same clients to it. A comes first, \
             is served, and thinks for {} before it goes on. {} come while it thinks, and are quick.",
            chosen(self.cast.think),
            self.others()
        )
    }

    fn play(&mut self, act: &Act, executable: &Path) -> Result<Vec<Lane>, Stopped> {
        let heading = format!("Act {}: {}", act.number, act.title);
        self.screen.print("\n");
        self.screen.print_heading(&heading);
        self.screen.print(&format!("{}\n\n", act.command()));
        if self.pause {
            let question = act
                .question
                .replace("{think}", &chosen(self.cast.think))
                .replace("{others}", &self.others());
            self.say(&question);
            self.screen.print("Press Enter to see it. ");
            let pressed = wait_for_enter();
            self.screen.print("\n");
            pressed?;
        }
        let axis = self.cast.think.div_f64(THINKING_PART);
        let view = View { width: self.screen.width(), span: axis, colour: self.screen.colour() };
        let draw = |events: &[Event], now: Duration| {
            let lanes = read_lanes(&self.cast.clients, events, now);
            let text = text::draw(&lanes, View { span: axis.max(now), ..view });
            (lanes, text)
        };
        let Played { events, output } = play::play(act, &self.cast, executable, |events, now| {
            self.screen.redraw(&draw(events, now).1, view.columns());
        })?;
        let end = events.last().map_or(Duration::ZERO, |event| event.at);
        let (lanes, text) = draw(&events, end);
        self.screen.finish(&text);
        if self.server_output {
            self.screen.print(&server_output(&events, &output));
        }
        let sentence = words::what_happened(&lanes);
        self.screen.print("\n");
        self.say(&sentence);
        if let Some(folder) = &self.pictures {
            let picture = svg::Picture {
                title: &heading,
                subtitle: &act.command(),
                sentence: &sentence,
                span: axis.max(end),
            };
            let file = folder.join(act.lab).join(act.picture);
            write(&file, &svg::draw(&lanes, &picture))?;
            self.screen.print(&format!("Written: {}\n", file.display()));
        }
        Ok(lanes)
    }
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| fs::write(file, text)).map_err(|error| {
        let file = file.display();
        Failure::new(format!("{file} cannot be written ({}): check --svg", reason(&error)))
    })
}

/// What the server printed, each line with its time and the client whose port it names.
fn server_output(events: &[Event], output: &[(Duration, String)]) -> String {
    let mut text = "\n      The server printed:\n".to_owned();
    for (time, line) in output {
        let words = line.split(|character: char| !character.is_ascii_digit());
        let client = events.iter().find_map(|event| match event.what {
            What::Connected(address) => {
                let port = address.port().to_string();
                words.clone().any(|word| word == port).then_some(event.client)
            }
            _ => None,
        });
        let client = client.unwrap_or(' ');
        text += &format!("  {client} {:>8}  {}\n", figure(*time), printable(line));
    }
    text
}
