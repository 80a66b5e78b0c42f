//! What a step that went wrong means: findings, and the experiments that tell one cause from another.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::assistant::check::compare::compare;
use crate::assistant::check::console::headed;
use crate::assistant::check::silence::{Obstacle, Stood, Watcher};
use crate::assistant::check::stage::{
    Finding, Halt, Outcome, PEEK_TIME, Reply, SPIN_TIME, Stage, WIDTH,
};
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::{CONSOLE, Event, What};
use crate::assistant::draw::figures::figure;
use crate::assistant::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::assistant::threads::{Connection, Thread, busy};

/// How long the end of a process may take after a client has lost its connection.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

impl Stage<'_> {
    /// A finding at the last step of `who`, which is marked as failed.
    pub fn finding(&self, who: char, code: Code, note: impl Into<String>) -> Finding {
        let events = self.record.events();
        let own = |event: &Event| event.client == who;
        Finding { step: events.iter().rposition(own), ..Finding::new(code, note) }
    }

    pub(super) fn wrong_finding(&self, who: char, wanted: &[u8], got: &[u8]) -> Finding {
        let longer: Vec<u8> = got.get(wanted.len()..).unwrap_or_default().to_vec();
        let is_old = self.was_received(&longer, wanted.len());
        self.note(who, What::Received(got.to_vec()));
        let mut finding = self.finding(who, Code::WrongReply, "");
        finding.note = if got.len() > wanted.len() && got.starts_with(wanted) {
            if longer.iter().all(|byte| *byte == 0) {
                "The right reply came, and behind it zeros: the rest of a buffer into which nothing \
                 was read."
                    .to_owned()
            } else if is_old {
                "The right reply came, and behind it the end of an earlier, longer one: what the \
                 buffer held before."
                    .to_owned()
            } else {
                "The right reply came, and something behind it.".to_owned()
            }
        } else if got.len() > wanted.len() && !wanted.is_empty() && got.ends_with(wanted) {
            "The right reply came, and something in front of it.".to_owned()
        } else {
            String::new()
        };
        finding.evidence = compare(wanted, got, WIDTH);
        finding
    }

    /// Whether some client has got these bytes before, at the end of a reply of more than `length` bytes.
    fn was_received(&self, bytes: &[u8], length: usize) -> bool {
        let trimmed: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != 0).collect();
        !trimmed.is_empty()
            && self.record.events().iter().any(|event| match &event.what {
                What::Received(got) => got.len() > length && got.ends_with(&trimmed),
                _ => false,
            })
    }

    pub(super) fn wrong(&self, who: char, wanted: &[u8], got: &[u8]) -> Halt {
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
                "{who} was connected, and lost its connection when the listening socket was closed."
            );
            return self.finding(who, Code::NotListening, note).into();
        }
        let note = if got.is_empty() {
            format!("The server closed {who}'s connection before {who} had {name}.")
        } else {
            format!("The server closed {who}'s connection in the middle of {name}.")
        };
        let mut finding = self.finding(who, Code::ClosedEarly, note);
        if lacks_newline(&got, wanted) {
            finding.code = Code::WrongReply;
            finding.note = format!("Only the newline at the end of {name} is missing.");
        }
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
        TcpStream::connect_timeout(&self.address(), self.patience())
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    /// Looks whether the server's process has ended, or does so in a moment: a client can notice that
    /// before anybody else does.
    ///
    /// # Errors
    /// When it has.
    pub fn died(&mut self, who: char) -> Outcome {
        self.ended_within(who, EXIT_TIMEOUT)
    }

    /// Looks whether the server's process has ended already.
    ///
    /// # Errors
    /// When it has.
    pub fn is_dead(&mut self, who: char) -> Outcome {
        self.ended_within(who, Duration::ZERO)
    }

    /// Whether the server's process ends within `patience`.
    pub fn ends_within(&mut self, patience: Duration) -> bool {
        self.server
            .process()
            .is_some_and(|process| process.program().end_within(patience).is_some())
    }

    /// What a client has got last.
    pub fn last_received(&self, who: char) -> Vec<u8> {
        let received = |event: Event| match event.what {
            What::Received(got) if event.client == who => Some(got),
            _ => None,
        };
        self.record.events().into_iter().rev().find_map(received).unwrap_or_default()
    }

    fn ended_within(&mut self, who: char, patience: Duration) -> Outcome {
        let Some(process) = self.server.process() else { return Ok(()) };
        let Some(status) = process.program().end_within(patience) else { return Ok(()) };
        let lines = process.last_lines();
        if status.success() {
            self.must_not_be_in_background()?;
        }
        // It may have listened for a moment: somebody who binds twice does.
        let code = if says_port_taken(&lines) { Code::PortTaken } else { Code::Died };
        let mut finding = self.finding(who, code, format!("It ended with {status}."));
        finding.evidence = headed("Its last lines:", lines);
        Err(finding.into())
    }

    /// The program that was started has ended without trouble. A process that it has left behind, outside
    /// its group, may be the server now.
    ///
    /// # Errors
    /// When there is one: the checker sees neither its console nor its end, and cannot judge it.
    pub(super) fn must_not_be_in_background(&mut self) -> Outcome {
        let Some(process) = self.server.process() else { return Ok(()) };
        if busy::threads(process.program().group()) != Some(0) {
            return Ok(());
        }
        let deadline = Instant::now() + EXIT_TIMEOUT;
        while self.nobody_listens() {
            if Instant::now() > deadline || interrupt::requested() {
                return Ok(());
            }
            interrupt::sleep(POLL_INTERVAL);
        }
        let why = format!(
            "the server went into the background: the program that was started has ended, and a process \
             that it left behind listens on {}. The checker could not judge it and has not ended it. \
             Start the server so that it stays in the foreground",
            self.address()
        );
        Err(Halt::Stopped(Stopped::Failed(Failure::new(why))))
    }

    /// Writes down that a client waits in vain, and where the server's threads stand meanwhile.
    pub fn nothing_came(&mut self, who: char) {
        self.stood = self.look_at_threads(who);
        let events = self.record.events();
        let waits = |event: &&Event| {
            event.client == who && matches!(event.what, What::Waiting(_) | What::WaitingForEnd)
        };
        let since = events.iter().rfind(waits).map_or(Duration::ZERO, |event| event.at);
        let now = self.record.start().elapsed();
        self.note(who, What::StillWaiting(now.saturating_sub(since)));
    }

    /// Where the server's threads stand at this moment, which clients it has not accepted, and whether
    /// it has accepted `who`, if no thread stands in a call for it.
    fn look_at_threads(&mut self, who: char) -> Option<Stood> {
        let sample = self.watcher.as_mut()?.settled()?;
        let events = self.record.events();
        let name = |peer| {
            let is_own = |event: &&Event| event.what == What::Connected(peer);
            let own = events.iter().rfind(is_own);
            own.map_or_else(|| peer.to_string(), |event| event.client.to_string())
        };
        let own = sample.threads.iter().filter(|thread| !thread.waits_for_ctrl_c);
        let stands = |thread: &Thread| (thread.name.clone(), thread.sentence(name));
        let mut lines: Vec<(String, String)> = own.map(stands).collect();
        let own = self.clients.iter().find(|(name, _)| *name == who);
        let own = own.and_then(|(_, client)| client.address());
        let is_own = |one: &&Connection| Some(one.client) == own && one.accepted;
        if let Some(own) = sample.connections.iter().find(is_own) {
            if !sample.stands_for(own.client) {
                lines.push((who.to_string(), "is accepted".to_owned()));
            }
        }
        let pending = sample.connections.iter().filter(|one| !one.accepted);
        lines.extend(pending.map(|one| (name(one.client), "is not accepted".to_owned())));
        Some(Stood { sample, lines })
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
        let obstacle = self.stood.as_ref().and_then(Stood::obstacle);
        let python = self.stood.as_ref().is_some_and(|stood| stood.sample.is_python);
        let others: Vec<char> =
            self.connected().into_iter().filter(|other| *other != who).collect();
        for &other in &others {
            self.listen(other, PEEK_TIME, |arrived| !arrived.is_empty())?;
            if wanted.len() > 1 && self.arrived(other).starts_with(wanted) {
                let got = self.client(other)?.take_arrived(wanted.len());
                self.note(other, What::Received(got));
                let note = format!("What {who} waited for came to {other}.");
                return Ok(self.finding(other, Code::MixedUp, note));
            }
        }
        if self.spins {
            if let Some(busy) = self.busy() {
                return Ok(Finding { step: in_vain.step, ..busy });
            }
        }
        for other in others {
            let other_address = self.client(other)?.address();
            self.close(other);
            match self.hear(who, wanted, self.patience())? {
                Reply::Silent => {}
                Reply::Ended => return Err(self.ended(who, name, wanted)),
                Reply::Right | Reply::Wrong => {
                    let got = self.client(who)?.take_arrived(usize::MAX);
                    self.note(who, What::Received(got));
                    let (code, how) = why_it_waited(&accepted, obstacle, python);
                    let (note, look) = match (code, obstacle) {
                        (Code::Serial, Some(obstacle)) => serial(obstacle),
                        (Code::LockHeld, Some(Obstacle::Locked)) => (IN_A_LOCK, Some(LOCK_IN_LOOP)),
                        (Code::LockHeld, _) if self.stood_in_write(other_address) => {
                            (IN_WRITE, Some(WRITE_UNDER_LOCK))
                        }
                        _ => ("", None),
                    };
                    let note = format!("{who} waited until {other} had left. {how} {note}");
                    return Ok(Finding { look, ..found(code, note.trim_end().to_owned()) });
                }
            }
        }
        let before = self.got_before(who);
        let got = self.arrived(who);
        if !got.is_empty() || !before.is_empty() {
            let note = if lacks_newline(&got, wanted) {
                format!("Only the newline at the end of {name} is missing.")
            } else {
                format!("{who} waited for {name}, and got only what comes before it.")
            };
            let [wanted, got] = [wanted, &got].map(|bytes| [&before, bytes].concat());
            let evidence = compare(&wanted, &got, WIDTH);
            return Ok(Finding { evidence, ..found(Code::IncompleteReply, note) });
        }
        if let Some(busy) = self.busy() {
            return Ok(Finding { step: in_vain.step, ..busy });
        }
        if let Some(stood) = self.look_at_threads(who) {
            if stood.sample.deadlock().is_some() {
                self.stood = Some(stood);
                let note = format!(
                    "{who} waited for {name}, alone. The thread that serves it waits for a lock that no \
                     other thread is going to release."
                );
                return Ok(found(Code::SelfDeadlock, note));
            }
        }
        let how = accepted.how;
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

    /// Whether a thread of the server stood in `write`, until this client reads.
    fn stood_in_write(&self, client: Option<SocketAddr>) -> bool {
        let Some((stood, client)) = self.stood.as_ref().zip(client) else { return false };
        stood.sample.stands_in_write(client)
    }

    /// Whether the server has taken up this client, and how one can tell.
    fn was_accepted(&mut self, who: char) -> Accepted {
        let own = self.clients.iter().find(|(name, _)| *name == who);
        let Some(own) = own.and_then(|(_, client)| client.address()) else {
            return Accepted { state: State::Not, how: String::new() };
        };
        let clients = self.clients.len();
        let address = self.address();
        let in_table = busy::accepted(address, own);
        let Some(process) = self.server.process() else {
            let (state, how) = match in_table {
                Some(true) => {
                    (State::HasThread, format!("The system says that {who} had been accepted."))
                }
                Some(false) => {
                    (State::Not, format!("The system says that {who} had not been accepted."))
                }
                None => (
                    State::Not,
                    format!("Whether {who} had been accepted cannot be told from here."),
                ),
            };
            return Accepted { state, how };
        };
        let port = own.port().to_string();
        let program = process.program();
        let names_it = |line: &str| line.split(|c: char| !c.is_ascii_digit()).any(|it| it == port);
        let was_printed = program.wait_until(Duration::ZERO, |printed| {
            let in_line = printed.lines.iter().any(|line| names_it(&line.text));
            (in_line || names_it(&printed.partial())).then_some(())
        });
        let was_printed = was_printed.is_some();
        if !was_printed && in_table != Some(true) {
            let how = match in_table {
                None => format!("The server had printed nothing about {who}."),
                _ => {
                    format!("The server had not accepted {who}: its connection was still pending.")
                }
            };
            return Accepted { state: State::Not, how };
        }
        // One for `accept`, and one for each client.
        let threads = busy::threads(program.group());
        if clients > 1 && threads.is_some_and(|threads| threads < clients + 1) {
            let how = format!("{who} had been accepted, but the server had no thread for it.");
            return Accepted { state: State::NoThread, how };
        }
        let how = match was_printed {
            true => format!("The server had accepted {who}: it had printed its address."),
            false => format!("The system says that {who} had been accepted before."),
        };
        Accepted { state: State::HasThread, how }
    }

    /// Whether it is seen that the server does nothing, and will not without its clients.
    pub fn is_idle(&mut self) -> bool {
        !self.has_timeouts && self.watcher.as_mut().is_some_and(Watcher::is_idle)
    }

    /// Looks whether the server is busy although nobody says anything.
    pub fn busy(&mut self) -> Option<Finding> {
        if self.spins {
            let note = format!(
                "While a client waited, for {}, it made one call of the system after another, and got \
                 nowhere.",
                figure(SPIN_TIME)
            );
            return Some(Finding::new(Code::Spins, note));
        }
        if self.is_idle() {
            return None;
        }
        let process = self.server.process()?;
        let program = process.program();
        let look = |time: Duration| {
            let group = program.group();
            let (length, used) = (program.count().0, busy::wanted_time(group));
            let ended = program.wait_until(time, |printed| printed.is_complete().then_some(()));
            let printed = program.count().0 - length;
            let now = busy::wanted_time(group).unwrap_or_default();
            (ended.is_some(), printed, now.saturating_sub(used.unwrap_or_default()))
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
                "While no client was sending, for {}, it used the CPU for {} and printed {printed} bytes.",
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
        if process.program().end_within(Duration::ZERO).is_some() {
            self.note(CONSOLE, What::Server("looked at".to_owned()));
        }
        self.is_dead(CONSOLE)
    }
}

/// Whether the server has taken up a client, and how one can tell.
#[derive(Debug)]
struct Accepted {
    state: State,
    how: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Its connection is pending.
    Not,
    /// It is accepted, but a program without a thread for it serves its clients one by one all the same.
    NoThread,
    /// It is accepted, and as far as one can tell a thread is there.
    HasThread,
}

/// Why a client waited until another one had left, and how one can tell.
fn why_it_waited(accepted: &Accepted, obstacle: Option<Obstacle>, is_python: bool) -> (Code, &str) {
    let is_locked = obstacle == Some(Obstacle::Locked);
    let code = match accepted.state {
        State::HasThread => Code::LockHeld,
        // A loop that has accepted a client and waits for a lock before it starts the thread.
        State::NoThread if is_locked => Code::LockHeld,
        // In Python `join` is made of a lock.
        State::Not if is_locked && !is_python => Code::LockHeld,
        State::Not | State::NoThread => Code::Serial,
    };
    (code, &accepted.how)
}

/// Which of the three it is that serves one client at a time, and where to look.
fn serial(obstacle: Obstacle) -> (&'static str, Option<&'static str>) {
    match obstacle {
        Obstacle::Serves => (
            "The loop that accepts was serving the other client itself.",
            Some(
                "The loop with `accept`: it calls the function that serves a client, and that returns \
                 only when the client has left. Give each client a thread of its own there \
                 (`thread::spawn`).",
            ),
        ),
        Obstacle::Joins | Obstacle::Locked => (
            "The loop that accepts was waiting for the end of the other client's thread.",
            Some(
                "The loop with `accept`: what waits for a thread there? A `join`, or the end of a \
                 `thread::scope`. Start the thread, and go on to the next `accept`.",
            ),
        ),
        Obstacle::Workers(_) => (
            "The loop accepts one client after the other, but the thread that it hands them to was \
             serving the other client.",
            Some(
                "Where a thread is started: once, before the loop, for all clients? It must be started \
                 in the loop, for each client that is accepted.",
            ),
        ),
    }
}

const IN_A_LOCK: &str = "The loop that accepts was waiting for a lock.";

const LOCK_IN_LOOP: &str = "The lock that is taken in the loop with `accept`: another client's thread holds it \
                            until that client leaves. Hold it only for the lines that belong together, in \
                            the loop and in the thread.";

const IN_WRITE: &str =
    "The thread that holds the lock was in `write`, for a client that does not read.";

const WRITE_UNDER_LOCK: &str = "The `write_all` of the reply: is the guard of a lock still alive there? A client \
                                that does not read makes `write` wait, and with it every thread that wants \
                                the lock. Drop the guard first: end its block before the reply is written.";

/// Whether all has come, except for the newline at the end.
fn lacks_newline(got: &[u8], wanted: &[u8]) -> bool {
    !got.is_empty() && wanted.strip_suffix(b"\n") == Some(got)
}

/// Whether a program's last lines are about a port that is not free, in the words of the systems, of
/// the kit, and of Python, Node, Go and Java.
pub fn says_port_taken(lines: &[String]) -> bool {
    let text = lines.join("\n").to_lowercase();
    let words = ["already in use", "port is taken", "addrinuse", "only one usage"];
    words.iter().any(|words| text.contains(words))
}
