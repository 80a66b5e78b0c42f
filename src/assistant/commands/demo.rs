//! `cargo run -- demo`: the labs' servers with the same clients, side by side in time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, ArgMatches, Command, value_parser};

use crate::client::record::{Event, client_at};
use crate::commands::{option, plain, subcommand, switch, think, write_file};
use crate::demo::acts::{ACTS, Act};
use crate::demo::play::{Cast, Seen, play};
use crate::demo::{plain, words};
use crate::draw::figures::figure;
use crate::draw::questions::Questions;
use crate::draw::terminal::{Screen, Size, wrap};
use crate::draw::{svg, text};
use crate::process::examples::Examples;
use crate::process::interrupt::{self, Stopped};
use crate::process::program::escaped;
use crate::threads::Unseen;

/// How large a terminal must be to show three clients in every act; each further client needs two lines more.
const ENOUGH: Size = Size { columns: 80, rows: 24 };

/// How much of the axis the thinking takes. The rest is for what comes after it.
const THINKING_PART: f64 = 0.9;

/// The command line of `demo`.
pub fn command() -> Command {
    let act = option("act", "N")
        .value_delimiter(',')
        .default_value("1,2,3,4,5,6")
        .action(ArgAction::Append)
        .value_parser(value_parser!(u8).range(1..=ACTS.len() as i64))
        .help(
            "Plays only this act; several with commas. 1 to 6 by default;\n\
             7 to 13 are of other labs: 7 of 01, 8 of 04, 9 of 05, 10 of 08,\n\
             11 of 09, 12 of 10, 13 of 11.",
        );
    let clients = option("clients", "N")
        .default_value("3")
        .value_parser(value_parser!(u8).range(2..=9))
        .help(
            "How many clients each act has, 2 to 9: 3 by default. Acts 3, 4, 11\n\
             and 12 have their own clients.",
        );
    let think = think("2", 0.1..=60.0)
        .help("How long the first client thinks, in seconds: 2 by default, 0.1 to 60.");
    let pause = switch("pause").help(
        "Asks a question before each act and waits for Enter: time for the\n\
         class to predict what it is going to see. On a terminal each question\n\
         stands alone, and each act stays until Enter is pressed.",
    );
    let output = switch("server-output")
        .help("Shows what each server printed, and to which client that belongs.");
    let svg = option("svg", "DIR").value_parser(value_parser!(PathBuf)).help(
        "Writes a picture of each act as well, as an SVG file in a folder\n\
         named after the lab: DIR/02_blocking_greeter/demo.svg.",
    );
    subcommand("demo", "Runs the labs' servers and draws which client waits for which.")
        .args([act, clients, think, pause])
        .args([plain(), output, svg])
}

/// Plays the acts. Fails when a server cannot be built, started or kept alive, when a picture cannot be written, and at
/// Ctrl-C. No server is left running then either.
pub fn run(matches: &ArgMatches) -> Result<(), Stopped> {
    interrupt::watch()?;
    let wanted: Vec<u8> = matches.get_many("act").into_iter().flatten().copied().collect();
    let acts: Vec<&Act> = ACTS.iter().filter(|act| wanted.contains(&act.number)).collect();
    let clients = matches.get_one::<u8>("clients").copied().unwrap_or(3);
    let cast = Cast {
        clients: ('A'..).take(clients.into()).collect(),
        think: matches.get_one("think").copied().unwrap_or_default(),
        enough: |_| false,
    };
    Show {
        screen: Screen::open().plain(matches.get_flag("plain")),
        questions: Questions::open(matches.get_flag("pause"))?,
        server_output: matches.get_flag("server-output"),
        pictures: matches.get_one("svg").cloned(),
        cast,
        unseen: None,
    }
    .run(&acts)
}

/// The demonstration as it was asked for.
#[derive(Debug)]
struct Show {
    cast: Cast,
    screen: Screen,
    questions: Questions,
    server_output: bool,
    pictures: Option<PathBuf>,
    /// Why no threads can be seen; it is said once.
    unseen: Option<Unseen>,
}

impl Show {
    fn run(mut self, acts: &[&Act]) -> Result<(), Stopped> {
        self.screen.announce("Building…");
        let examples = Examples::build(acts.iter().map(|act| act.server.example()))?;
        self.screen.say(&self.introduction());
        let mut shown: Vec<Seen> = Vec::new();
        for act in acts {
            let before = shown.iter().find(|shown| Some(shown.act.number) == act.compare);
            shown.push(self.play(act, before, &examples.path(act.server.example()))?);
            if self.screen.gone() {
                return Ok(self.screen.close()?);
            }
        }
        // One act has said all of it itself.
        if shown.len() > 1 {
            self.questions.turn_page(&mut self.screen)?;
            self.screen.print("\n");
            if self.screen.is_plain() {
                words::summary(&shown).iter().for_each(|sentence| self.screen.say(sentence));
            } else {
                self.screen.print(&words::table(&shown));
            }
            self.screen.print("\n");
        }
        if let Some(taken_home) = words::take_home(&shown) {
            self.screen.say(taken_home);
        }
        Ok(self.screen.close()?)
    }

    /// What is said before the first act.
    fn introduction(&self) -> String {
        let mut text =
            "Each act starts one of the labs' servers and sends scripted clients to it: \
             A, B and so on."
                .to_owned();
        if let Some(Size { columns, rows }) = self.too_small() {
            text += &format!(
                " In a terminal of this size some lanes may not fit; {columns} columns and {rows} \
                 lines are enough for all clients."
            );
        }
        text
    }

    /// How large a terminal must be to show every act, if this one is smaller.
    fn too_small(&self) -> Option<Size> {
        let rows = ENOUGH.rows + 2 * self.cast.clients.len().saturating_sub(3);
        let is_small = self.screen.width() < ENOUGH.columns || self.screen.rows() < rows - 1;
        (self.screen.is_live() && is_small).then_some(Size { rows, ..ENOUGH })
    }

    /// What stands above an act. Its `scene` is left out where the question has just told it, or where lanes need the room.
    fn head(&self, act: &Act, scene: &str) -> String {
        let title = self.screen.heading(&format!("Act {}: {}", act.number, act.title));
        let is_left_out = self.questions.are_asked() || self.too_small().is_some();
        let scene = if is_left_out { "" } else { scene };
        title + &self.in_lines(&[&act.server.command(), scene]) + "\n"
    }

    /// The act as it looks now, and its head above it. On a terminal they leave room for the `sentences` below; on a
    /// cleared page the act `before`, with which it is compared, is drawn too.
    fn page(
        &self,
        scene: &str,
        seen: &Seen,
        before: Option<&Seen>,
        sentences: &str,
    ) -> [String; 2] {
        let is_cleared = self.questions.are_asked() && self.screen.is_live();
        // The prompt stands where the cursor is, below a gap.
        let room = self.screen.rows().saturating_sub(is_cleared.into());
        let room = room.saturating_sub(sentences.lines().count());
        let head = self.head(&seen.act, scene);
        let view = self.screen.view(self.axis().max(seen.now));
        let before = before.filter(|_| is_cleared).map(|it| (it.act.number, it.lanes.as_slice()));
        let drawn = match &seen.records {
            Some(records) => text::draw_console(&records.lines, view),
            None => {
                let room = room.saturating_sub(without_gaps(&head).lines().count());
                text::draw_act(before, &seen.lanes, &seen.threads, view, room)
            }
        };
        let parts = [head, drawn + "\n"];
        let is_tight = parts.concat().lines().count() > room;
        if is_tight { parts.map(|part| without_gaps(&part)) } else { parts }
    }

    /// Says what has happened, but for what was `said` already. Returns how many sentences are said now.
    fn say_events(&mut self, seen: &Seen, said: usize) -> usize {
        // Where the console is the show, it is told afterwards.
        let events = if seen.records.is_some() { &[] } else { seen.events.as_slice() };
        let sentences = plain::clients(events);
        sentences.iter().skip(said).for_each(|sentence| self.screen.say(sentence));
        sentences.len()
    }

    /// These sentences, each in lines of its own.
    fn in_lines(&self, sentences: &[&str]) -> String {
        let sentences = sentences.iter().filter(|sentence| !sentence.is_empty());
        sentences.map(|sentence| wrap(sentence, self.screen.width()) + "\n").collect()
    }

    /// The time that the lanes show at least.
    fn axis(&self) -> Duration {
        self.cast.think.div_f64(THINKING_PART)
    }

    fn play(
        &mut self,
        act: &Act,
        before: Option<&Seen>,
        executable: &Path,
    ) -> Result<Seen, Stopped> {
        let cast = Cast { clients: act.clients(&self.cast.clients), ..self.cast.clone() };
        let [scene, question, reason, look] =
            [act.scene, act.question, act.reason, act.look].map(|text| words::fill_in(text, &cast));
        self.questions.ask(&mut self.screen, &format!("{scene} {question}"))?;
        self.screen.print_gap();
        self.screen.begin(&self.head(act, &scene));
        let mut said = 0;
        let seen = play(act, &cast, executable, |seen| {
            if self.screen.is_plain() {
                said = self.say_events(seen, said);
                return;
            }
            self.screen.notice_resize();
            let (sentence, _) = words::judge(seen);
            let sentences = self.in_lines(&[&sentence, &reason]);
            self.screen.redraw(&self.page(&scene, seen, before, &sentences).concat());
        })?;
        let (sentence, as_expected) = words::judge(&seen);
        let mut sentences = vec![sentence.as_str()];
        sentences.extend(as_expected.then_some(reason.as_str()));
        // Why there are no lanes of threads is said once.
        let unseen = seen.unseen.filter(|_| self.unseen.is_none()).map(|it| it.to_string());
        if let Some(unseen) = &unseen {
            sentences.insert(0, unseen);
        }
        self.unseen = self.unseen.or(seen.unseen);
        let sentences = self.in_lines(&sentences);
        if self.screen.is_plain() {
            self.say_events(&seen, said);
            let afterwards = match &seen.records {
                Some(records) => plain::console(&records.lines),
                None => plain::threads(&seen.threads, seen.now),
            };
            afterwards.iter().for_each(|sentence| self.screen.say(sentence));
            self.screen.print("\n");
        } else {
            let [head, drawn] = self.page(&scene, &seen, before, &sentences);
            self.screen.finish(&head, &drawn);
        }
        if self.server_output {
            self.screen.print(&server_output(&seen.events, &seen.output));
        }
        self.screen.print(&sentences);
        if let Some(folder) = &self.pictures {
            let picture = svg::Picture {
                title: &format!("Act {}: {}", act.number, act.title),
                subtitle: &act.server.command(),
                look: if as_expected { &look } else { "" },
                sentence: &sentence,
                span: self.axis().max(seen.now),
            };
            let file = folder.join(act.server.lab()).join(act.picture);
            let drawn = match &seen.records {
                Some(records) => svg::draw_console(&records.lines, &picture),
                None => svg::draw(&seen.lanes, &seen.threads, &picture),
            };
            write_file(&file, &drawn, "--svg")?;
            self.screen.print(&format!("Written: {}\n", file.display()));
        }
        Ok(seen)
    }
}

/// The same without empty lines.
fn without_gaps(text: &str) -> String {
    text.replace("\n\n", "\n")
}

/// What the server printed, each line with its time and the client whose port it names.
fn server_output(events: &[Event], output: &[(Duration, String)]) -> String {
    let mut text = "      The server printed:\n".to_owned();
    for (time, line) in output {
        let mut words = line.split(|character: char| !character.is_ascii_digit());
        let client = words.find_map(|word| client_at(events, |own| own.port().to_string() == word));
        let client = client.unwrap_or(' ');
        text += &format!("  {client} {:>8}  {}\n", figure(*time), escaped(line));
    }
    text + "\n"
}
