//! The stage on which a scene is played: a server, its clients, and what has been seen of them.
//!
//! A step that returns a [`Halt`] does so when the server does not do what the step says, when a client does not have
//! what the step needs (a connection that is open), and at Ctrl-C.

pub mod console;
mod idle;
pub mod limit;
pub mod moves;
pub mod silence;
mod standing;
pub mod target;
pub mod waiting;

use std::net::{SocketAddr, TcpStream};
use std::process::ChildStdin;
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::Duration;

use socketlab::Failure;

use crate::check::finding::{Finding, Halt, Lack, Missed, Outcome};
use crate::check::stage::limit::Limit;
use crate::check::stage::silence::{Stood, Watcher};
use crate::check::stage::target::Server;
use crate::check::stage::waiting::Certainty;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, Event, Record, What};
use crate::client::scripted::ScriptedClient;
use crate::process::interrupt::Stopped;
use crate::process::program::Program;
use crate::process::server_process::ServerProcess;
use crate::process::shell::SHELL;
use crate::threads::socket_timeout;

/// How long the end of a process may take after a client has lost its connection.
pub(in crate::check) const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// How long a server may take for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// While one client is connected.
    pub alone: Duration,
    /// While others are, who can be the reason.
    pub beside_others: Duration,
}

/// What is silent for so long is called silent.
pub const SILENCE: Duration = Duration::from_secs(4);

/// A server and its clients.
#[derive(Debug)]
pub struct Stage<'a> {
    pub(in crate::check) record: &'a Record,
    pub(in crate::check) server: &'a mut Server,
    patience: Patience,
    /// When the time of the whole check is over.
    pub(in crate::check) limit: &'a Limit,
    /// Whether a client has been let in.
    pub(in crate::check) reached: bool,
    /// Whether a `read` of the server may give up by itself.
    has_timeouts: bool,
    /// Those that are connected, in the order of their coming.
    pub(in crate::check) clients: Vec<(char, ScriptedClient<'a>)>,
    /// How much of the console has been read.
    pub(in crate::check) console: usize,
    /// Looks at the server's threads, where they say whether it will go on.
    pub(in crate::check) watcher: Option<Watcher>,
    /// Where they stood when a client waited in vain, last.
    pub(in crate::check) stood: Option<Stood>,
    /// The operator, who types on and on, and keeps the input open.
    pub(in crate::check) typing: Option<JoinHandle<ChildStdin>>,
    /// How sure it is that what did not come never would.
    certainty: Certainty,
    /// Whom it is told what is waited for long.
    pub(in crate::check) waits: Sender<String>,
}

impl<'a> Stage<'a> {
    /// A stage without clients. No client waits longer than `patience` says, and after `limit` not at
    /// all. Where the server's threads can be seen, and its timeouts, if it `has_timeouts` of its own, a wait
    /// ends as soon as it is proved that nothing will come.
    pub fn new(
        server: &'a mut Server,
        record: &'a Record,
        patience: Patience,
        limit: &'a Limit,
        has_timeouts: bool,
        waits: &Sender<String>,
    ) -> Self {
        let watcher = server.process().map(|process| {
            let program = process.program();
            Watcher::new(program.id(), program.started())
        });
        Self {
            record,
            server,
            patience,
            limit,
            reached: false,
            clients: Vec::new(),
            console: 0,
            watcher,
            has_timeouts,
            stood: None,
            typing: None,
            certainty: Certainty::default(),
            waits: waits.clone(),
        }
    }

    /// Whether a `read` of the server may give up by itself, and the system does not show that.
    pub(in crate::check) fn has_unseen_timeouts(&self) -> bool {
        self.has_timeouts && !socket_timeout::are_seen()
    }

    /// How sure it is that what did not come never would.
    pub fn certainty(&self) -> &Certainty {
        &self.certainty
    }

    /// How long anything may take.
    pub fn patience(&self) -> Duration {
        self.patience.alone
    }

    /// How long a reply may take: while other clients are connected, it is worth finding out early
    /// whether one of them is the reason.
    pub fn reply_patience(&self) -> Duration {
        if self.clients.len() < 2 { self.patience.alone } else { self.patience.beside_others }
    }

    /// Whether the server was started here.
    pub fn has_console(&mut self) -> bool {
        self.server.process().is_some()
    }

    /// Whether the server is a program in Rust that the assistant has built, and not one of a command line.
    pub fn is_built_here(&mut self) -> bool {
        self.program().is_some_and(|program| program.name() != SHELL)
    }

    /// The server's program, if it was started here.
    pub fn program(&mut self) -> Option<&mut Program> {
        self.server.process().map(ServerProcess::program)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Writes something down.
    pub fn note(&self, who: char, what: What) {
        self.record.add(who, what);
    }

    /// A client's connection, for more than a scene can write down.
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
    pub fn client(&mut self, who: char) -> Outcome<&mut ScriptedClient<'a>> {
        match self.place(who) {
            Some(place) => Ok(&mut self.clients[place].1),
            None => Err(Halt::Stopped(Stopped::Failed(Failure::new(format!(
                "the scene has no client {who} at this moment; please report this"
            ))))),
        }
    }

    /// The address of a client's own end, while it is connected.
    pub fn address_of(&self, who: char) -> Option<SocketAddr> {
        self.clients[self.place(who)?].1.address()
    }

    pub(in crate::check) fn place(&self, who: char) -> Option<usize> {
        self.clients.iter().position(|(name, _)| *name == who)
    }

    /// `who` got nothing, or not all of this, within its time.
    pub fn silent(&self, who: char, wanted: &[u8], name: &'static str) -> Halt {
        let wanted = wanted.to_vec();
        Missed::new(who, Lack::Reply { wanted, name, meanwhile: None }).into()
    }

    /// The connection of `who` is over, and it waited for `name`.
    pub fn ended(&self, who: char, name: &'static str, wanted: &[u8]) -> Halt {
        Missed::new(who, Lack::OpenConnection { wanted: wanted.to_vec(), name }).into()
    }

    /// `who` got this in place of what was due.
    pub(in crate::check) fn wrong(
        &self,
        who: char,
        wanted: &[u8],
        got: Vec<u8>,
        note: String,
    ) -> Halt {
        Missed::new(who, Lack::RightReply { wanted: wanted.to_vec(), got, note }).into()
    }

    /// A finding at the last step of `who`, which is marked as failed.
    pub fn finding(&self, who: char, code: Code, note: impl Into<String>) -> Finding {
        let events = self.record.events();
        let own = |event: &Event| event.client == who;
        Finding { step: events.iter().rposition(own), ..Finding::new(code, note) }
    }

    /// How long the last step of `who` took: the time since the one before.
    pub fn waited(&self, who: char) -> Duration {
        let events = self.record.events();
        let mut own = events.iter().rev().filter(|event| event.client == who).map(|event| event.at);
        let last = own.next().unwrap_or_default();
        last.saturating_sub(own.next().unwrap_or(last))
    }

    /// What a client has got last.
    pub fn last_received(&self, who: char) -> Vec<u8> {
        let received = |event: Event| match event.what {
            What::Received(got) if event.client == who => Some(got),
            _ => None,
        };
        self.record.events().into_iter().rev().find_map(received).unwrap_or_default()
    }

    /// Looks whether the server's process has ended, or does so in a moment: a client can notice that
    /// before anybody else does.
    pub fn died(&mut self, who: char) -> Outcome {
        let has_ended = self.ends_soon(EXIT_TIMEOUT);
        if has_ended { Err(Missed::new(who, Lack::Life).into()) } else { Ok(()) }
    }

    /// Looks whether the server's process has ended already.
    pub fn is_dead(&mut self, who: char) -> Outcome {
        let has_ended = self.ends_within(Duration::ZERO);
        if has_ended { Err(Missed::new(who, Lack::Life).into()) } else { Ok(()) }
    }

    /// The server's process must not have ended.
    pub fn must_be_alive(&mut self) -> Outcome {
        if self.ends_within(Duration::ZERO) {
            self.note(CONSOLE, What::Server("looked at".to_owned()));
        }
        self.is_dead(CONSOLE)
    }

    /// Whether the server's process ends within `patience`.
    pub fn ends_within(&mut self, patience: Duration) -> bool {
        self.program().is_some_and(|program| program.end_within(patience).is_some())
    }
}
