//! The stage on which a scene is played: a server, its clients, its console. Every step has a
//! deadline, and a step that does not go as it should becomes a finding, by experiment.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socketlab::printable;

use super::busy;
use super::compare::compare;
use super::target::Server;
use super::verdicts::Code;
use crate::assistant::figures::figure;
use crate::assistant::interrupt::{self, LOOK_AGAIN, Stopped};
use crate::assistant::record::{CONSOLE, Event, Record, What};
use crate::assistant::scripted_client::{Heard, ScriptedClient};

/// How long a program may take until it listens.
const START: Duration = Duration::from_secs(10);

/// How soon it is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// How long a death may take until it is seen from all sides.
const A_MOMENT: Duration = Duration::from_secs(1);

/// How long bytes that belong together may take, once the first ones are wrong.
const THE_REST: Duration = Duration::from_millis(50);

/// How long a look takes at what a client has got meanwhile.
pub const A_GLANCE: Duration = Duration::from_millis(1);

/// Columns for evidence.
pub const WIDTH: usize = 76;

/// What was found, and where.
#[derive(Debug)]
pub struct Finding {
    /// The verdict.
    pub code: Code,
    /// What is special about this case: a paragraph.
    pub note: String,
    /// Where to look first, if that is not where the verdict says.
    pub look: Option<&'static str>,
    /// Lines that prove it.
    pub evidence: Vec<String>,
    /// The step that failed, in the record.
    pub step: Option<usize>,
}

impl Finding {
    /// A finding of this code.
    pub fn new(code: Code, note: impl Into<String>) -> Self {
        Self { code, note: note.into(), look: None, evidence: Vec::new(), step: None }
    }
}

/// Why a scene does not go on.
#[derive(Debug)]
pub enum Halt {
    /// Something was found.
    Found(Box<Finding>),
    /// It was stopped, for reasons that are not the server's.
    Stopped(Stopped),
}

impl From<Finding> for Halt {
    fn from(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }
}

/// How a step of a scene goes.
pub type Outcome<T = ()> = Result<T, Halt>;

/// What a client has got.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// What was due to it, and perhaps more behind it.
    Right,
    /// Something else.
    Wrong,
    /// Nothing more within the time.
    Silent,
    /// The end, before it had all.
    Ended,
}

/// A server and its clients.
#[derive(Debug)]
pub struct Stage<'a> {
    record: &'a Record,
    server: &'a mut Server,
    patience: Duration,
    reached: bool,
    /// Those that are connected, in the order of their coming.
    clients: Vec<(char, ScriptedClient<'a>)>,
    /// How much of the console has been read.
    console: usize,
}

impl<'a> Stage<'a> {
    /// A stage without clients. Whoever waits does so for `patience` at the most.
    pub fn new(server: &'a mut Server, record: &'a Record, patience: Duration) -> Self {
        Self { record, server, patience, reached: false, clients: Vec::new(), console: 0 }
    }

    /// How long anything may take.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether the server was started here.
    pub fn has_console(&mut self) -> bool {
        self.server.process().is_some()
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Writes something down.
    pub fn note(&self, who: char, what: What) {
        self.record.add(who, what);
    }

    /// A client connects. The first one waits until the server listens.
    ///
    /// # Errors
    /// When nobody lets it in.
    pub fn connect(&mut self, who: char) -> Outcome {
        let mut client = ScriptedClient::new(who, self.address(), self.patience, self.record);
        self.note(who, What::Connecting);
        let deadline = Instant::now() + START;
        loop {
            match client.try_connect() {
                Ok(()) => break,
                Err(error) => self.wait_to_connect(who, &error, deadline)?,
            }
        }
        self.reached = true;
        self.clients.push((who, client));
        Ok(())
    }

    fn wait_to_connect(&mut self, who: char, error: &io::Error, deadline: Instant) -> Outcome {
        if interrupt::requested() {
            return Err(Halt::Stopped(Stopped::Interrupted));
        }
        if self.reached {
            self.died(who)?;
        } else if let Some(process) = self.server.process() {
            if let Some(status) = process.end_within(TRY_AGAIN) {
                let lines = process.last_lines();
                let code =
                    if says_port_taken(&lines) { Code::PortTaken } else { Code::DidNotStart };
                let mut finding = self.finding(who, code, format!("It ended with {status}."));
                finding.evidence = headed("Its last lines:", lines);
                return Err(finding.into());
            }
            if Instant::now() < deadline {
                return Ok(());
            }
        }
        let note =
            format!("{who} was to connect to {}: {}.", self.address(), socketlab::reason(error));
        let mut finding = self.finding(who, Code::NotListening, note);
        if let Some(process) = self.server.process() {
            finding.evidence = headed("Its last lines:", process.last_lines());
        }
        Err(finding.into())
    }

    /// A client sends these bytes.
    ///
    /// # Errors
    /// When its connection is over.
    pub fn send(&mut self, who: char, bytes: impl AsRef<[u8]>) -> Outcome {
        let sent = self.client(who)?.try_send(bytes.as_ref());
        match sent {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended(who, "it had something to say", b"")),
        }
    }

    /// A client closes its connection.
    pub fn close(&mut self, who: char) {
        if let Some(place) = self.place(who) {
            self.clients.remove(place).1.close();
        }
    }

    /// A client breaks its connection off while something is waiting to be read.
    ///
    /// # Errors
    /// When nothing comes that it could leave unread.
    pub fn break_off(&mut self, who: char, name: &'static str) -> Outcome {
        self.note(who, What::Waiting(name));
        let patience = self.patience;
        if self.client(who)?.break_off(patience).is_ok() {
            if let Some(place) = self.place(who) {
                self.clients.remove(place);
            }
            return Ok(());
        }
        // What is wrong is found as with any other reply.
        match self.hear(who, b"", patience)? {
            Reply::Ended => Err(self.ended(who, name, b"")),
            _ => Err(self.silent(who, b"", name)),
        }
    }

    /// A client waits for exactly this, and nothing may follow before it speaks again.
    ///
    /// # Errors
    /// When something else comes, or nothing, or too much.
    pub fn expect(&mut self, who: char, wanted: impl AsRef<[u8]>, name: &'static str) -> Outcome {
        let wanted = wanted.as_ref();
        self.expect_part(who, wanted, name)?;
        let client = self.client(who)?;
        if client.arrived().is_empty() {
            return Ok(());
        }
        let rest = client.take_arrived(usize::MAX);
        Err(self.wrong(who, wanted, &[wanted, &rest].concat()))
    }

    /// A client waits for exactly this; more may follow.
    ///
    /// # Errors
    /// When something else comes, or nothing.
    pub fn expect_part(
        &mut self,
        who: char,
        wanted: impl AsRef<[u8]>,
        name: &'static str,
    ) -> Outcome {
        let wanted = wanted.as_ref();
        self.note(who, What::Waiting(name));
        let alone = self.clients.len() < 2;
        let patience = if alone { self.patience } else { self.patience / 2 };
        let reply = self.hear(who, wanted, patience)?;
        self.judge(reply, who, wanted, name)
    }

    /// What comes of a client's wait for `wanted`.
    ///
    /// # Errors
    /// Unless the reply is right.
    pub fn judge(&mut self, reply: Reply, who: char, wanted: &[u8], name: &'static str) -> Outcome {
        match reply {
            Reply::Right => {
                let client = self.client(who)?;
                let got = client.take_arrived(wanted.len());
                client.note(What::Received(got));
                Ok(())
            }
            Reply::Wrong => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                Err(self.wrong(who, wanted, &got))
            }
            Reply::Ended => Err(self.ended(who, name, wanted)),
            Reply::Silent => Err(self.silent(who, wanted, name)),
        }
    }

    /// A client waits for the end of its connection.
    ///
    /// # Errors
    /// When bytes come instead, or nothing.
    pub fn expect_end(&mut self, who: char) -> Outcome {
        self.note(who, What::WaitingForEnd);
        let patience = self.patience;
        match self.listen(who, patience, |arrived| !arrived.is_empty())? {
            Heard::End(_) => {
                self.note(who, What::Ended);
                self.close(who);
                Ok(())
            }
            Heard::Enough => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let mut finding = self.wrong_finding(who, b"", &got);
                finding.note = format!("{who} waited for the end of the conversation.");
                Err(finding.into())
            }
            Heard::Silence => {
                self.is_dead(who)?;
                self.nothing_came(who);
                let note = format!("{who} waited for the end for {}.", figure(patience));
                Err(self.finding(who, Code::NotClosed, note).into())
            }
        }
    }

    /// Nothing may come to a client for a while, because it is its turn.
    ///
    /// # Errors
    /// When something comes.
    pub fn think(&mut self, who: char, time: Duration) -> Outcome {
        self.note(who, What::Thinking);
        match self.listen(who, time, |arrived| !arrived.is_empty())? {
            Heard::Silence => Ok(()),
            Heard::End(_) => Err(self.ended(who, "it was its turn", b"")),
            Heard::Enough => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let mut finding = self.wrong_finding(who, b"", &got);
                finding.note = format!("It was {who}'s turn, and it had time left.");
                Err(finding.into())
            }
        }
    }

    /// Listens as a client does, looks at Ctrl-C meanwhile, and writes nothing down.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn listen(
        &mut self,
        who: char,
        patience: Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Outcome<Heard> {
        let deadline = Instant::now() + patience;
        loop {
            if interrupt::requested() {
                return Err(Halt::Stopped(Stopped::Interrupted));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let heard = self.client(who)?.listen(left.min(LOOK_AGAIN), &enough);
            match heard {
                Ok(Heard::Silence) if Instant::now() < deadline => {}
                Ok(heard) => return Ok(heard),
                Err(error) => return Ok(Heard::End(Some(socketlab::reason(&error)))),
            }
        }
    }

    /// Waits until it is clear whether `wanted` comes to a client, or anything at all if that is empty;
    /// what has arrived stays there.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn hear(&mut self, who: char, wanted: &[u8], patience: Duration) -> Outcome<Reply> {
        let wrong = |arrived: &[u8]| !arrived.iter().zip(wanted).all(|(a, b)| a == b);
        let clear = |arrived: &[u8]| arrived.len() >= wanted.len().max(1) || wrong(arrived);
        let heard = self.listen(who, patience, clear)?;
        if wrong(self.client(who)?.arrived()) {
            self.listen(who, THE_REST, |_| false)?;
            return Ok(Reply::Wrong);
        }
        Ok(match heard {
            Heard::Enough => Reply::Right,
            Heard::Silence => Reply::Silent,
            Heard::End(_) => Reply::Ended,
        })
    }

    /// A client's connection, for more than a scene can write down.
    ///
    /// # Errors
    /// When it has none.
    pub fn stream(&mut self, who: char) -> Outcome<TcpStream> {
        let stream = self.client(who)?.another_handle();
        stream.map_err(|error| Halt::Stopped(error.into()))
    }

    /// What has arrived for a client.
    pub fn arrived(&mut self, who: char) -> Vec<u8> {
        self.client(who).map(|client| client.arrived().to_vec()).unwrap_or_default()
    }

    /// The clients that are connected.
    pub fn connected(&self) -> Vec<char> {
        self.clients.iter().map(|(who, _)| *who).collect()
    }

    /// The client with this name.
    ///
    /// # Errors
    /// When there is none: a mistake in the scene.
    pub fn client(&mut self, who: char) -> Outcome<&mut ScriptedClient<'a>> {
        match self.place(who) {
            Some(place) => Ok(&mut self.clients[place].1),
            None => Err(Halt::Stopped(Stopped::Failed(socketlab::Failure::new(format!(
                "the scene has no client {who} at this moment; please report this"
            ))))),
        }
    }

    fn place(&self, who: char) -> Option<usize> {
        self.clients.iter().position(|(name, _)| *name == who)
    }

    /// A finding at the last step of `who`, which is marked as failed.
    pub fn finding(&self, who: char, code: Code, note: impl Into<String>) -> Finding {
        let events = self.record.events();
        let own = |event: &Event| event.client == who;
        Finding { step: events.iter().rposition(own), ..Finding::new(code, note) }
    }

    fn wrong_finding(&self, who: char, wanted: &[u8], got: &[u8]) -> Finding {
        self.note(who, What::Received(got.to_vec()));
        let mut finding = self.finding(who, Code::WrongReply, "");
        finding.note = if got.len() > wanted.len() && got.starts_with(wanted) {
            let rest = &got[wanted.len()..];
            if rest.iter().all(|byte| *byte == 0) {
                "The right reply came, and behind it zeros: the rest of a buffer into which nothing \
                 was read."
                    .to_owned()
            } else if self.was_received(rest) {
                "The right reply came, and behind it the end of an earlier, longer one: what the \
                 buffer held before."
                    .to_owned()
            } else {
                "The right reply came, and something behind it.".to_owned()
            }
        } else {
            String::new()
        };
        finding.evidence = compare(wanted, got, WIDTH);
        finding
    }

    /// Whether some client has got these bytes before, at the end of a reply.
    fn was_received(&self, bytes: &[u8]) -> bool {
        let trimmed: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != 0).collect();
        !trimmed.is_empty()
            && self
                .record
                .events()
                .iter()
                .any(|event| matches!(&event.what, What::Received(got) if got.ends_with(&trimmed)))
    }

    fn wrong(&self, who: char, wanted: &[u8], got: &[u8]) -> Halt {
        self.wrong_finding(who, wanted, got).into()
    }

    /// The connection of `who` is over, and it waited for `name`.
    pub fn ended(&mut self, who: char, name: &'static str, wanted: &[u8]) -> Halt {
        self.note(who, What::Ended);
        if let Err(died) = self.died(who) {
            return died;
        }
        let got = self.arrived(who);
        if got.is_empty() && !self.anybody_was_served() && self.nobody_listens() {
            let note = format!(
                "{who} got in, and lost its connection when the listening socket was closed."
            );
            return self.finding(who, Code::NotListening, note).into();
        }
        let note = if got.is_empty() {
            format!("{who} waited for {name} and met the end.")
        } else {
            format!("{who} waited for {name} and met the end in the middle of it.")
        };
        let mut finding = self.finding(who, Code::ClosedEarly, note);
        if !wanted.is_empty() {
            finding.evidence = compare(wanted, &got, WIDTH);
        }
        finding.into()
    }

    fn anybody_was_served(&self) -> bool {
        self.record.events().iter().any(|event| matches!(event.what, What::Received(_)))
    }

    /// Whether the system refuses a connection. What is tried here may disturb the server.
    fn nobody_listens(&self) -> bool {
        TcpStream::connect_timeout(&self.address(), self.patience)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    /// Looks whether the server's process has ended, or does so in a moment: a client can notice that
    /// before anybody else does.
    ///
    /// # Errors
    /// When it has.
    pub fn died(&mut self, who: char) -> Outcome {
        self.ended_within(who, A_MOMENT)
    }

    /// Looks whether the server's process has ended already.
    ///
    /// # Errors
    /// When it has.
    pub fn is_dead(&mut self, who: char) -> Outcome {
        self.ended_within(who, Duration::ZERO)
    }

    fn ended_within(&mut self, who: char, patience: Duration) -> Outcome {
        let Some(process) = self.server.process() else { return Ok(()) };
        let Some(status) = process.end_within(patience) else { return Ok(()) };
        let lines = process.last_lines();
        // It may have listened for a moment: somebody who binds twice does.
        let code = if says_port_taken(&lines) { Code::PortTaken } else { Code::Died };
        let mut finding = self.finding(who, code, format!("It ended with {status}."));
        finding.evidence = headed("Its last lines:", lines);
        Err(finding.into())
    }

    /// Writes down that a client waits in vain.
    pub fn nothing_came(&self, who: char) {
        let events = self.record.events();
        let waits = |event: &&Event| {
            event.client == who && matches!(event.what, What::Waiting(_) | What::WaitingForEnd)
        };
        let since = events.iter().rfind(waits).map_or(Duration::ZERO, |event| event.at);
        let now = self.record.start().elapsed();
        self.note(who, What::StillWaiting(now.saturating_sub(since)));
    }

    /// `who` got nothing, or not all. Why is found out by letting go of the others, one by one.
    pub fn silent(&mut self, who: char, wanted: &[u8], name: &'static str) -> Halt {
        match self.explain_silence(who, wanted, name) {
            Ok(finding) => finding.into(),
            Err(halt) => halt,
        }
    }

    fn explain_silence(
        &mut self,
        who: char,
        wanted: &[u8],
        name: &'static str,
    ) -> Outcome<Finding> {
        self.nothing_came(who);
        let in_vain = self.finding(who, Code::NeverAnswered, "");
        let found =
            |code, note| Finding { code, note, step: in_vain.step, ..Finding::new(code, "") };
        self.is_dead(who)?;
        let accepted = self.was_accepted(who);
        let others: Vec<char> =
            self.connected().into_iter().filter(|other| *other != who).collect();
        for &other in &others {
            self.listen(other, A_GLANCE, |arrived| !arrived.is_empty())?;
            if wanted.len() > 1 && self.arrived(other).starts_with(wanted) {
                let got = self.client(other)?.take_arrived(wanted.len());
                self.note(other, What::Received(got));
                let note = format!("What {who} waited for came to {other}.");
                return Ok(self.finding(other, Code::MixedUp, note));
            }
        }
        for other in others {
            self.close(other);
            match self.hear(who, wanted, self.patience)? {
                Reply::Silent => {}
                Reply::Ended => return Err(self.ended(who, name, wanted)),
                Reply::Right | Reply::Wrong => {
                    let got = self.client(who)?.take_arrived(usize::MAX);
                    self.note(who, What::Received(got));
                    let (code, how) = match &accepted {
                        Ok(how) => (Code::LockHeld, how),
                        Err(how) => (Code::Serial, how),
                    };
                    return Ok(found(code, format!("{who} waited until {other} had left. {how}")));
                }
            }
        }
        let before = self.got_before(who);
        let got = self.arrived(who);
        if !got.is_empty() || !before.is_empty() {
            let note = format!("{who} waited for {name}, and got only what comes before it.");
            let [wanted, got] = [wanted, &got].map(|bytes| [&before, bytes].concat());
            let evidence = compare(&wanted, &got, WIDTH);
            return Ok(Finding { evidence, ..found(Code::IncompleteReply, note) });
        }
        if let Some(busy) = self.busy() {
            return Ok(Finding { step: in_vain.step, ..busy });
        }
        let how = accepted.unwrap_or_else(|how| how);
        Ok(found(Code::NeverAnswered, format!("{who} waited for {name}. {how}")))
    }

    /// What a client has got since it last said something.
    fn got_before(&self, who: char) -> Vec<u8> {
        let mut got = Vec::new();
        for event in self.record.events().iter().filter(|event| event.client == who) {
            match &event.what {
                What::Received(bytes) => got.extend_from_slice(bytes),
                What::Sent(_) | What::Connected(_) => got.clear(),
                _ => {}
            }
        }
        got
    }

    /// Whether the server has taken up this client, and how one can tell. A program that has taken
    /// it up without having a thread for it serves its clients one by one all the same.
    fn was_accepted(&mut self, who: char) -> Result<String, String> {
        let own = self.clients.iter().find(|(name, _)| *name == who);
        let Some(own) = own.and_then(|(_, client)| client.address()) else {
            return Err(String::new());
        };
        let clients = self.clients.len();
        let address = self.address();
        let in_table = busy::accepted(address, own);
        let Some(process) = self.server.process() else {
            return match in_table {
                Some(true) => Ok(format!("The system says that {who} had been accepted.")),
                Some(false) => Err(format!("The system says that {who} had not been accepted.")),
                None => Err(format!("Whether {who} had been accepted cannot be told from here.")),
            };
        };
        let port = own.port().to_string();
        let program = process.program();
        let printed = program.printed();
        let partial = printed.partial();
        let lines = printed.lines.iter().map(|line| line.text.as_str()).chain([partial.as_str()]);
        let mut words = lines.flat_map(|line| line.split(|c: char| !c.is_ascii_digit()));
        let was_printed = words.any(|word| word == port);
        if !was_printed && in_table != Some(true) {
            return Err(match in_table {
                None => format!("The server had printed nothing about {who}."),
                _ => format!(
                    "{who} had not even been accepted: its connection was waiting in the queue."
                ),
            });
        }
        // One for `accept`, and one for each client.
        if busy::threads(program.id()).is_some_and(|threads| threads < clients + 1) {
            return Err(format!("{who} had been accepted, but the server had no thread for it."));
        }
        Ok(match was_printed {
            true => format!("The server had printed {who}'s address before."),
            false => format!("The system says that {who} had been accepted before."),
        })
    }

    /// Looks whether the server is busy although nobody says anything.
    pub fn busy(&mut self) -> Option<Finding> {
        let process = self.server.process()?;
        let program = process.program();
        let look = |time: Duration| {
            let group = program.id();
            let (length, used) = (program.count().0, busy::wanted_time(group));
            let ended = program.wait_for(time, "", |printed| printed.is_complete().then_some(()));
            let printed = program.count().0 - length;
            let now = busy::wanted_time(group).unwrap_or_default();
            (ended.is_ok(), printed, now.saturating_sub(used.unwrap_or_default()))
        };
        let time = Duration::from_millis(300);
        let (ended, printed, used) = look(time);
        if ended || (printed < 4096 && used < time / 10) {
            return None;
        }
        // Something is going on: look again, for longer, at what nobody has asked for.
        let time = Duration::from_secs(1);
        let (ended, printed, used) = look(time);
        if ended || (printed < 100_000 && used < time / 2) {
            return None;
        }
        Some(Finding::new(
            Code::Spins,
            format!(
                "In {} of silence it wanted a processor for {}, and printed {printed} bytes.",
                figure(time),
                figure(used)
            ),
        ))
    }

    /// The server has nothing to do, and must not be busy.
    ///
    /// # Errors
    /// When it is, or has ended.
    pub fn must_be_idle(&mut self) -> Outcome {
        match self.busy() {
            Some(finding) => {
                self.note(CONSOLE, What::Server("watched, while nobody speaks".to_owned()));
                let step = self.record.events().len().checked_sub(1);
                Err(Finding { step, ..finding }.into())
            }
            None => self.must_be_alive(),
        }
    }

    /// The server's process must not have ended.
    ///
    /// # Errors
    /// When it has.
    pub fn must_be_alive(&mut self) -> Outcome {
        let Some(process) = self.server.process() else { return Ok(()) };
        if process.end_within(Duration::ZERO).is_some() {
            self.note(CONSOLE, What::Server("looked at".to_owned()));
        }
        self.is_dead(CONSOLE)
    }

    /// Waits until the console shows `text` somewhere that has not been read yet.
    pub fn is_shown(&mut self, text: &str, patience: Duration) -> bool {
        let seen = self.console;
        let Some(process) = self.server.process() else { return false };
        let found = process.program().wait_for(patience, text, |printed| {
            let place = printed.lines.iter().skip(seen).position(|line| line.text.contains(text));
            match place {
                Some(place) => Some((seen + place, printed.lines[seen + place].text.clone())),
                None => printed
                    .partial()
                    .contains(text)
                    .then(|| (printed.lines.len(), printed.partial())),
            }
        });
        match found {
            Ok((line, text)) => {
                self.console = line;
                self.note(CONSOLE, What::Printed(text));
                true
            }
            Err(_) => false,
        }
    }

    /// What the console shows that has not been read yet.
    pub fn console_since(&mut self, line: usize) -> Vec<String> {
        let Some(process) = self.server.process() else { return Vec::new() };
        let printed = process.program().printed();
        let partial = printed.partial();
        let lines = printed.lines.into_iter().skip(line).map(|line| line.text);
        lines.chain((!partial.is_empty()).then_some(partial)).collect()
    }

    /// How many whole lines the console shows.
    pub fn console_lines(&mut self) -> usize {
        self.server.process().map_or(0, |process| process.program().count().1)
    }

    /// The operator types a line.
    ///
    /// # Errors
    /// When the server is gone; one that does not read its keyboard is no trouble.
    pub fn type_line(&mut self, line: &str) -> Outcome {
        self.note(CONSOLE, What::Typed(line.to_owned()));
        let Some(process) = self.server.process() else { return Ok(()) };
        match process.program().type_line(line) {
            Ok(()) => Ok(()),
            Err(_) => self.died(CONSOLE),
        }
    }

    /// The server's last lines, as evidence.
    pub fn last_lines(&mut self) -> Vec<String> {
        let process = self.server.process();
        process.map_or(Vec::new(), |process| headed("Its last lines:", process.last_lines()))
    }

    /// The operator's input ends, as at Ctrl-D.
    pub fn end_input(&mut self) {
        self.note(CONSOLE, What::Server("told by Ctrl-D that no more is typed".to_owned()));
        if let Some(process) = self.server.process() {
            process.program().end_input();
        }
    }

    /// The last lines of the console, as evidence.
    pub fn console_tail(&mut self, count: usize) -> Vec<String> {
        let lines = self.console_since(0);
        let last = lines.into_iter().rev().take(count).collect::<Vec<_>>();
        let shown = last.into_iter().rev().map(|line| printable(&line).to_string()).collect();
        headed("On the server's console:", shown)
    }

    /// Presses Ctrl-C; the server must end, with status 0 or by the signal itself.
    ///
    /// # Errors
    /// When it does not end, or ends with trouble.
    pub fn interrupt(&mut self, patience: Duration) -> Outcome {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;

            /// SIGINT, and what a shell makes of it.
            const INTERRUPTED: (i32, i32) = (2, 130);
            self.note(CONSOLE, What::Server("interrupted by Ctrl-C".to_owned()));
            let record = self.record;
            let at = |what: &str, note: String| {
                record.add(CONSOLE, What::Server(what.to_owned()));
                let step = record.events().len().checked_sub(1);
                Finding { step, ..Finding::new(Code::NoCleanExit, note) }
            };
            let Some(process) = self.server.process() else { return Ok(()) };
            let _ = process.program().signal_group("INT");
            let Some(status) = process.end_within(patience) else {
                let note = format!("It was still running {} later.", figure(patience));
                return Err(at("still running", note).into());
            };
            let by_signal = status.signal() == Some(INTERRUPTED.0);
            if !status.success() && !by_signal && status.code() != Some(INTERRUPTED.1) {
                let mut finding = at("at its end", format!("It ended, but with {status}."));
                finding.evidence = headed("Its last lines:", process.last_lines());
                return Err(finding.into());
            }
        }
        #[cfg(not(unix))]
        let _ = patience;
        Ok(())
    }
}

/// Whether a program's last lines are about a port that is not free, in the words of the systems, of
/// the kit, and of Python, Node, Go and Java.
fn says_port_taken(lines: &[String]) -> bool {
    let text = lines.join("\n").to_lowercase();
    let words = ["already in use", "port is taken", "addrinuse", "only one usage"];
    words.iter().any(|words| text.contains(words))
}

/// Lines under a heading, or nothing.
pub fn headed(heading: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return vec!["It printed nothing.".to_owned()];
    }
    let lines = lines.into_iter().map(|line| format!("  {line}"));
    [heading.to_owned()].into_iter().chain(lines).collect()
}
