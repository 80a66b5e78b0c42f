//! Why a client waits in vain: found out by letting go of the others, one by one, and by looking where
//! the server's threads stand.

use std::time::Duration;

use crate::check::evidence::lacks_newline;
use crate::check::finding::{Finding, Meanwhile, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::stage::silence::{Obstacle, Stood};
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::draw::figures::figure;
use crate::threads::{busy, connections};

impl Stage<'_> {
    /// `who` got nothing, or not all of `wanted`.
    pub(super) fn kept_waiting(
        &mut self,
        who: char,
        wanted: &[u8],
        name: &'static str,
        meanwhile: Option<&Meanwhile>,
    ) -> Outcome<Finding> {
        self.nothing_came(who);
        let step = self.finding(who, Code::NeverAnswered, "").step;
        let found = |code, note: String| Finding::new(code, note).at(step);
        self.is_dead(who)?;
        if self.came_late(who, wanted)? {
            // It is slow, and no other client is the cause.
            let note =
                format!("{who} waited {} for {name}, which came later.", figure(self.waited(who)));
            return Ok(found(Code::NeverAnswered, note));
        }
        let accepted = self.was_accepted(who);
        let obstacle = self.stood.as_ref().and_then(Stood::obstacle);
        let sample = self.stood.as_ref().map(|stood| &stood.sample);
        let is_python = sample.is_some_and(|sample| sample.is_python);
        let has_event_loop = sample.is_some_and(|sample| sample.has_event_loop);
        let says_nothing = self.stood.as_ref().is_some_and(|stood| !stood.says_anything());
        let others: Vec<char> =
            self.connected().into_iter().filter(|other| *other != who).collect();
        // In a chat all get the same.
        if meanwhile.is_none() {
            self.must_not_have_come_to(&others, who, wanted)?;
        }
        if self.certainty().spins() {
            if let Some(busy) = self.busy() {
                return Ok(Finding::from(busy).at(step));
            }
        }
        for other in others {
            let in_write = self.stood.as_ref().zip(self.address_of(other));
            let in_write = in_write.is_some_and(|(it, own)| it.was_sending_to(own));
            self.close(other);
            match self.hear_among(who, wanted, meanwhile)? {
                Reply::Silent => {}
                Reply::Ended => return Err(self.ended(who, name, wanted)),
                Reply::Right | Reply::Wrong => {
                    let got = self.client(who)?.take_arrived(usize::MAX);
                    self.note(who, What::Received(got));
                    let (code, how) = why_it_waited(&accepted, obstacle, is_python);
                    // It needs no thread, and has no lock.
                    let (code, how) = if has_event_loop { (Code::Serial, "") } else { (code, how) };
                    let (note, look) = match (code, obstacle) {
                        (_, Some(Obstacle::Serves)) if has_event_loop => serial(Obstacle::Serves),
                        _ if has_event_loop => (IN_CALLBACKS, Some(EVENT_LOOP)),
                        (Code::Serial, Some(obstacle)) => serial(obstacle),
                        (Code::LockHeld, Some(Obstacle::Locked)) => (IN_A_LOCK, Some(LOCK_IN_LOOP)),
                        (Code::LockHeld, _) if in_write => (IN_WRITE, Some(WRITE_UNDER_LOCK)),
                        (Code::LockHeld, _) if says_nothing => ("", Some(LOCK_OR_QUEUE)),
                        _ => ("", None),
                    };
                    let note = [
                        format!("{who} waited until {other} had left."),
                        how.to_owned(),
                        note.to_owned(),
                    ];
                    let note: Vec<String> = note.into_iter().filter(|it| !it.is_empty()).collect();
                    return Ok(Finding { look, ..found(code, note.join(" ")) });
                }
            }
        }
        // In a chat, what came before belongs to other lines.
        let before = if meanwhile.is_none() { self.got_before(who) } else { Vec::new() };
        let got = self.arrived(who);
        if !got.is_empty() || !before.is_empty() {
            let note = if lacks_newline(&got, wanted) {
                format!("Only the newline at the end of {name} is missing.")
            } else {
                format!("{who} waited for {name}, and got only what comes before it.")
            };
            let [wanted, got] = [wanted, &got].map(|bytes| [&before, bytes].concat());
            return Ok(found(Code::IncompleteReply, note).comparing(&wanted, &got));
        }
        if let Some(busy) = self.busy() {
            return Ok(Finding::from(busy).at(step));
        }
        if self.is_deadlocked(who, meanwhile)? {
            let note = format!(
                "{who} waited for {name}, alone. A thread of the server waits for a lock that no other \
                 thread is going to release."
            );
            return Ok(found(Code::SelfDeadlock, note));
        }
        let how = accepted.how;
        Ok(found(Code::NeverAnswered, format!("{who} waited for {name}. {how}")))
    }

    /// What `who` waits for may have come to another client.
    fn must_not_have_come_to(&mut self, others: &[char], who: char, wanted: &[u8]) -> Outcome {
        for &other in others {
            self.listen(other, PEEK_TIME, |arrived| !arrived.is_empty())?;
            if wanted.len() > 1 && self.arrived(other).starts_with(wanted) {
                let got = self.client(other)?.take_arrived(wanted.len());
                self.note(other, What::Received(got));
                let note = format!("What {who} waited for came to {other}.");
                return Err(self.finding(other, Code::MixedUp, note).into());
            }
        }
        Ok(())
    }

    /// Waits for `wanted` again, and passes over what may come meanwhile.
    fn hear_among(
        &mut self,
        who: char,
        wanted: &[u8],
        meanwhile: Option<&Meanwhile>,
    ) -> Outcome<Reply> {
        loop {
            let reply = self.hear(who, wanted, self.patience())?;
            let may_come = meanwhile.filter(|it| (it.may_come)(&self.arrived(who)));
            if reply != Reply::Wrong || may_come.is_none() {
                return Ok(reply);
            }
            let got = self.client(who)?.take_arrived(usize::MAX);
            self.note(who, What::Received(got));
        }
    }

    /// Whether a thread of the server waits for a lock without end, while `who` is the only client.
    fn is_deadlocked(&mut self, who: char, meanwhile: Option<&Meanwhile>) -> Outcome<bool> {
        let mut stood = self.look_at_threads(who);
        if let Some(meanwhile) = meanwhile.filter(|_| stood.as_ref().is_some_and(Stood::has_lock)) {
            let _ = self.client(who)?.try_send(meanwhile.nudge);
            self.listen(who, self.patience(), |arrived| !arrived.is_empty())?;
            stood = self.look_at_threads(who);
        }
        let is_deadlocked = stood.as_ref().is_some_and(|stood| {
            // In Python, the threads of a pool that wait for work stand in a lock, too.
            let is_no_pool = !stood.sample.is_python || stood.threads().count() == 2;
            stood.sample.is_deadlocked() && (is_no_pool || self.was_read(who, stood))
        });
        if is_deadlocked {
            self.stood = stood;
        }
        Ok(is_deadlocked)
    }

    /// Whether the server has read what this client has said last.
    fn was_read(&self, who: char, stood: &Stood) -> bool {
        let events = self.record.events();
        let mut own = events.iter().filter(|event| event.client == who);
        let connections = &stood.sample.connections;
        own.any(|event| matches!(event.what, What::Sent(_)))
            && connections.iter().any(|it| Some(it.client) == stood.waiting && it.unread == 0)
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

    /// Whether the server has taken up this client, and how one can tell.
    fn was_accepted(&mut self, who: char) -> Accepted {
        let Some(own) = self.address_of(who) else {
            return Accepted { state: State::Not, how: String::new() };
        };
        let clients = self.clients.len();
        let address = self.address();
        let in_table = connections::accepted(address, own);
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
        let stood = self.stood.as_ref().filter(|stood| stood.says_anything());
        let threads = stood.map(|stood| stood.threads().count());
        let threads = threads.or_else(|| busy::threads(program.group()));
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
        Obstacle::Workers(2..) => (
            "The loop accepts one client after the other, but all threads that it hands them to were \
             serving other clients.",
            Some(
                "Where threads are started: a fixed number of them, before the loop? One must be started \
                 in the loop, for each client that is accepted.",
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

const IN_CALLBACKS: &str = "The server's one event loop left this client waiting.";

const EVENT_LOOP: &str = "What the program does not begin before another client has left: an `await` in the loop that \
                          accepts, or a queue of clients? Begin each client's conversation as soon as it comes.";

const LOCK_OR_QUEUE: &str = "What was the client waiting for while another one was served? A lock (which lines does it \
                            hold together?), or a place in a queue that too few workers empty?";

const IN_A_LOCK: &str = "The loop that accepts was waiting for a lock.";

const LOCK_IN_LOOP: &str = "The lock that is taken in the loop with `accept`: another client's thread holds it \
                            until that client leaves. Hold it only for the lines that belong together, in \
                            the loop and in the thread.";

const IN_WRITE: &str =
    "The thread that holds the lock was in `write`, for a client that does not read.";

const WRITE_UNDER_LOCK: &str = "The `write_all` of the reply: is the guard of a lock still alive there? A client \
                                that does not read makes `write` wait, and with it every thread that wants \
                                the lock. Drop the guard first: end its block before the reply is written.";
