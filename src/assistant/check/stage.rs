//! The stage on which a scene is played: a server and its clients. Every step has a
//! deadline, and one that does not go as it should becomes a finding, by experiment.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use crate::assistant::check::causes::says_port_taken;
use crate::assistant::check::console::headed;
use crate::assistant::check::silence::{PROOF_TIME, Stood, Watcher};
use crate::assistant::check::target::Server;
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::{CONSOLE, Record, What};
use crate::assistant::client::scripted::{Heard, ScriptedClient, is_timeout};
use crate::assistant::draw::figures::figure;
use crate::assistant::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::assistant::process::server_process::ServerProcess;
use crate::assistant::threads::busy::{self, Effort};

/// How long a program may take until it listens.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(10);

/// When a wait is long enough to look at what the server does.
const FIRST_LOOK: Duration = Duration::from_millis(100);

/// How many times its own length a wait may grow where the processors are taken.
const MAX_DELAY: u32 = 4;

/// After how long it is told what is waited for.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// How long a server may be busy with nothing while a client waits.
pub const SPIN_TIME: Duration = Duration::from_secs(1);

/// How long a program may listen on `::1` alone, until that is told.
const IPV6_TIMEOUT: Duration = Duration::from_secs(1);

/// How soon a client connects again to a server that is not listening yet.
const CONNECT_RETRY: Duration = Duration::from_millis(5);

/// How long the rest of a wrong reply is waited for, to show all of it.
const REST_TIMEOUT: Duration = Duration::from_millis(50);

/// How long a look takes at what a client has got meanwhile.
pub const PEEK_TIME: Duration = Duration::from_millis(1);

/// How often the system is asked about a connection: the table that it makes each time can be long.
const PROC_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How many bytes may still come to a client that has ended its input. A server that answers without
/// end reaches it at once.
const FLOOD: usize = 100;

/// How much a client sends at a time that reads nothing, in bytes: one message at a time would take long.
const CHUNK: usize = 64 * 1024;

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
    /// Where the server's threads stood while a client waited in vain, and which clients it had not
    /// accepted: a name, and words. Empty where the system does not tell.
    pub threads: Vec<(String, String)>,
    /// The step that failed, in the record.
    pub step: Option<usize>,
}

impl Finding {
    /// A finding of this code.
    pub fn new(code: Code, note: impl Into<String>) -> Self {
        let (evidence, threads) = (Vec::new(), Vec::new());
        Self { code, note: note.into(), look: None, evidence, threads, step: None }
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

/// How long a server may take for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// While one client is connected.
    pub alone: Duration,
    /// While others are, who can be the reason.
    pub beside_others: Duration,
}

/// What a server had done at some moment.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: Instant,
    effort: Effort,
    /// How much it had printed, in bytes.
    printed: usize,
}

/// A wait for the server.
#[derive(Debug)]
pub struct Wait {
    start: Instant,
    patience: Duration,
    deadline: Instant,
    /// What the server had done soon after the start.
    first: Option<Look>,
    /// What it had done when it was last looked at.
    last: Option<Look>,
}

/// A server and its clients.
#[derive(Debug)]
pub struct Stage<'a> {
    pub(super) record: &'a Record,
    pub(super) server: &'a mut Server,
    patience: Patience,
    /// When the time of the whole check is over.
    deadline: Instant,
    reached: bool,
    /// Whether a `read` of the server may give up by itself, which the system does not show.
    pub(super) has_timeouts: bool,
    /// Those that are connected, in the order of their coming.
    pub(super) clients: Vec<(char, ScriptedClient<'a>)>,
    /// How much of the console has been read.
    pub(super) console: usize,
    /// Looks at the server's threads, where they say whether it will go on.
    pub(super) watcher: Option<Watcher>,
    /// Where they stood when a client waited in vain, last.
    pub(super) stood: Option<Stood>,
    /// Whether a wait has ended for no other reason than that its time was over.
    pub(super) ran_out: bool,
    /// Whether the last wait has ended because the server made calls without end.
    pub(super) spins: bool,
    /// Whom it is told what is waited for long.
    waits: Sender<String>,
}

impl Wait {
    /// How long to wait until the server is looked at.
    pub fn slice(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).min(POLL_INTERVAL)
    }
}

impl<'a> Stage<'a> {
    /// A stage without clients. Nobody waits longer than `patience` says, and after `deadline` not at
    /// all. Where the server's threads can be seen, and it `has_timeouts` of its own nowhere, a wait
    /// ends as soon as it is proved that nothing will come.
    pub fn new(
        server: &'a mut Server,
        record: &'a Record,
        patience: Patience,
        deadline: Instant,
        has_timeouts: bool,
        waits: &Sender<String>,
    ) -> Self {
        let process = server.process().map(|process| process.program().id());
        Self {
            record,
            server,
            patience,
            deadline,
            reached: false,
            clients: Vec::new(),
            console: 0,
            watcher: process.map(Watcher::new),
            has_timeouts,
            stood: None,
            ran_out: false,
            spins: false,
            waits: waits.clone(),
        }
    }

    /// Whether some wait has ended only because its time was over: then what was found is made sure of.
    pub fn ran_out_of_patience(&self) -> bool {
        self.ran_out
    }

    /// Where the server's threads stood when a client waited in vain: the last one.
    pub fn take_standing(&mut self) -> Vec<(String, String)> {
        self.stood.take().map(|stood| stood.lines).unwrap_or_default()
    }

    /// Whether it is proved that nothing will come to a client (or appear on the console) before it is
    /// somebody else's turn. To be asked again and again.
    pub(super) fn is_silence_proved(&mut self, waiting: Option<char>) -> bool {
        if self.has_timeouts {
            return false;
        }
        let own = |who: char| self.clients.iter().find(|(name, _)| *name == who)?.1.address();
        let address = match waiting.map(own) {
            Some(None) => return false,
            address => address.flatten(),
        };
        let deeds = self.record.count();
        self.watcher.as_mut().is_some_and(|watcher| watcher.proves_silence(address, deeds))
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
        let mut client = ScriptedClient::new(who, self.address(), self.patience(), self.record);
        self.note(who, What::Connecting);
        let deadline = Instant::now() + LISTEN_TIMEOUT;
        loop {
            match client.try_connect() {
                Ok(()) => break,
                Err(error) => self.wait_to_connect(who, &error, deadline)?,
            }
        }
        if !self.reached && !self.has_timeouts {
            // Before any client can wait: what looks like a lock later may be seen without its waiters now.
            self.watcher.iter_mut().for_each(Watcher::look);
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
            if let Some(status) = process.program().end_within(CONNECT_RETRY) {
                let lines = process.last_lines();
                if status.success() {
                    self.must_not_be_in_background()?;
                }
                let code =
                    if says_port_taken(&lines) { Code::PortTaken } else { Code::DidNotStart };
                let mut finding = self.finding(who, code, format!("It ended with {status}."));
                finding.evidence = headed("Its last lines:", lines);
                return Err(finding.into());
            }
            let waited =
                LISTEN_TIMEOUT.saturating_sub(deadline.saturating_duration_since(Instant::now()));
            let only_ipv6 = waited > IPV6_TIMEOUT && self.listens_on_ipv6();
            if Instant::now() < deadline && !only_ipv6 && !self.is_silence_proved(None) {
                return Ok(());
            }
        }
        let mut note =
            format!("{who} was to connect to {}: {}.", self.address(), socketlab::reason(error));
        let on_ipv6 = !self.reached && self.listens_on_ipv6();
        if on_ipv6 {
            note += &format!(
                " A server listens on {}, the IPv6 address that `localhost` stands for too.",
                SocketAddr::from((Ipv6Addr::LOCALHOST, self.address().port()))
            );
        }
        let mut finding = self.finding(who, Code::NotListening, note);
        if on_ipv6 {
            finding.look =
                Some("The call of `bind`: give it 127.0.0.1 in place of `localhost` or `::1`.");
        }
        if let Some(process) = self.server.process() {
            finding.evidence = headed("Its last lines:", process.last_lines());
        }
        Err(finding.into())
    }

    /// Whether a server listens on this port at `::1`, while the checker connects to 127.0.0.1.
    fn listens_on_ipv6(&self) -> bool {
        let other = SocketAddr::from((Ipv6Addr::LOCALHOST, self.address().port()));
        self.address().ip() == Ipv4Addr::LOCALHOST
            && TcpStream::connect_timeout(&other, self.patience()).is_ok()
    }

    /// A client sends these bytes.
    ///
    /// # Errors
    /// When its connection is over.
    pub fn send(&mut self, who: char, bytes: impl AsRef<[u8]>) -> Outcome {
        let sent = self.client(who)?.try_send(bytes.as_ref());
        match sent {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended(who, "sent its message", b"")),
        }
    }

    /// A client sends a part of something. It waits until the server has read that, where the system
    /// tells, and then for `time`: nothing may come.
    ///
    /// # Errors
    /// When something comes, and when its connection is over.
    pub fn send_part(&mut self, who: char, bytes: impl AsRef<[u8]>, time: Duration) -> Outcome {
        self.send(who, bytes)?;
        self.wait_until_read(who)?;
        self.think(who, time)
    }

    /// Waits until the server has read what a client has sent, where the system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn wait_until_read(&mut self, who: char) -> Outcome {
        let client = self.client(who)?.address();
        self.wait_while(client, |server, client| busy::unread(server, client) > Some(0))
    }

    /// Whether the server has not read all that a client has sent, where the system tells.
    pub fn has_unread(&mut self, who: char) -> bool {
        let address = self.client(who).ok().and_then(|client| client.address());
        address.is_some_and(|client| busy::unread(self.address(), client) > Some(0))
    }

    /// Waits until the server has closed the connection of a client that had this address, where the
    /// system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn wait_until_closed(&mut self, client: Option<SocketAddr>) -> Outcome {
        self.wait_while(client, |server, client| busy::accepted(server, client) == Some(true))
    }

    /// Waits while this holds for the server's address and a client's, but not for ever.
    fn wait_while(
        &mut self,
        client: Option<SocketAddr>,
        holds: impl Fn(SocketAddr, SocketAddr) -> bool,
    ) -> Outcome {
        let mut wait = self.begin_wait(self.patience());
        let Some(client) = client else { return Ok(()) };
        while holds(self.address(), client) && !self.is_over(&mut wait) {
            if interrupt::requested() {
                return Err(Halt::Stopped(Stopped::Interrupted));
            }
            if self.is_silence_proved(None) || self.spins_since(&mut wait) {
                return Ok(());
            }
            thread::sleep(PROC_POLL_INTERVAL);
        }
        Ok(())
    }

    /// Waits for `time`, or until it is proved that the server does nothing more without its clients;
    /// returns whether it is.
    pub fn wait_for_nothing(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while Instant::now() < deadline && !interrupt::requested() {
            if self.is_silence_proved(None) {
                return true;
            }
            interrupt::sleep(POLL_INTERVAL);
        }
        false
    }

    /// A client sends `message` again and again, and reads nothing that comes, until a thread of the
    /// server stands in `write` for it; returns whether one does in time.
    ///
    /// # Errors
    /// When its connection is over, and at Ctrl-C.
    pub fn stop_reading(&mut self, who: char, message: &[u8]) -> Outcome<bool> {
        let what = format!("sent many messages by {who}, which reads no reply");
        self.note(CONSOLE, What::Server(what));
        let mut stream = self.stream(who)?;
        let many = message.repeat(CHUNK.div_ceil(message.len().max(1)));
        let mut wait = self.begin_wait(self.patience());
        let mut left = &many[..];
        while !self.is_over(&mut wait) && !interrupt::requested() {
            // The write has a timeout of [`POLL_INTERVAL`].
            match stream.write(left) {
                Ok(length) => {
                    // Megabytes fit into the buffers: it takes as long as it takes.
                    wait = self.begin_wait(self.patience());
                    left = &left[length..];
                }
                Err(error) if is_timeout(&error) => {
                    if self.stands_in_write(who) {
                        return Ok(true);
                    }
                }
                Err(_) => return Err(self.ended(who, "sent its messages", b"")),
            }
            if left.is_empty() {
                left = &many;
            }
        }
        Ok(self.stands_in_write(who))
    }

    /// Whether the system says where the server's threads stand.
    pub fn sees_threads(&mut self) -> bool {
        self.watcher.as_mut().is_some_and(|watcher| watcher.glance().is_ok())
    }

    /// Whether a thread of the server stands in `write`, until this client reads, and nothing else moves:
    /// on a busy machine a thread can be seen there that goes on at once.
    pub fn stands_in_write(&mut self, who: char) -> bool {
        let Ok(client) = self.client(who) else { return false };
        let address = client.address();
        let Some(Ok(sample)) = self.watcher.as_mut().map(Watcher::glance) else { return false };
        let Some(address) = address.filter(|client| sample.stands_in_write(*client)) else {
            return false;
        };
        let idle = self.watcher.as_mut().and_then(Watcher::idle);
        idle.is_some_and(|sample| sample.stands_in_write(address))
    }

    /// A client ends its input: it sends no more, and still reads.
    ///
    /// # Errors
    /// When its connection is over.
    pub fn finish_sending(&mut self, who: char) -> Outcome {
        self.note(who, What::FinishedSending);
        if self.stream(who)?.shutdown(Shutdown::Write).is_err() {
            return Err(self.ended(who, "ended its input", b""));
        }
        Ok(())
    }

    /// A client that has ended its input waits for the end of its connection.
    ///
    /// # Errors
    /// When bytes come instead, or nothing.
    pub fn expect_end_of_input(&mut self, who: char) -> Outcome {
        self.note(who, What::WaitingForEnd);
        let patience = self.patience();
        let heard = self.listen(who, patience, |arrived| arrived.len() >= FLOOD)?;
        if heard != Heard::Enough {
            return self.judge_end(who, heard);
        }
        let got = self.client(who)?.take_arrived(FLOOD);
        self.note(who, What::Received(got));
        let note = format!(
            "{who} had ended its input, and still got one reply after another: {FLOOD} bytes and more."
        );
        Err(self.finding(who, Code::Spins, note).into())
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
        let patience = self.patience();
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
        let reply = self.hear(who, wanted, self.reply_patience())?;
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
        let heard = self.listen(who, self.patience(), |arrived| !arrived.is_empty())?;
        self.judge_end(who, heard)
    }

    /// What comes of a client's wait for the end.
    fn judge_end(&mut self, who: char, heard: Heard) -> Outcome {
        match heard {
            Heard::End(_) if self.arrived(who).is_empty() => {
                self.note(who, What::Ended);
                self.close(who);
                Ok(())
            }
            Heard::Silence if self.arrived(who).is_empty() => {
                self.is_dead(who)?;
                self.nothing_came(who);
                let note = format!(
                    "{who} waited {} for the server to close the connection.",
                    figure(self.patience())
                );
                let kept = self.finding(who, Code::NotClosed, note);
                Err(match self.busy() {
                    Some(busy) => Finding { step: kept.step, ..busy }.into(),
                    None => kept.into(),
                })
            }
            _ => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let mut finding = self.wrong_finding(who, b"", &got);
                finding.note = format!("{who} was waiting for the server to close the connection.");
                Err(finding.into())
            }
        }
    }

    /// Nothing may come to a client for a while, because it is its turn.
    ///
    /// # Errors
    /// When something comes.
    pub fn think(&mut self, who: char, time: Duration) -> Outcome {
        self.note(who, What::Thinking);
        match self.listen_until(who, time, |arrived| !arrived.is_empty(), false)? {
            Heard::Silence => Ok(()),
            Heard::End(_) => Err(self.ended(who, "answered", b"")),
            Heard::Enough => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let mut finding = self.wrong_finding(who, b"", &got);
                finding.note = format!("It was {who}'s turn to send, and it had sent nothing yet.");
                Err(finding.into())
            }
        }
    }

    /// Listens as a client does, and writes nothing down. Once the server's process has ended, nothing
    /// more can come: that is the end too, also when another process still holds its sockets. Silence
    /// that is proved ends the wait.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn listen(
        &mut self,
        who: char,
        patience: Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Outcome<Heard> {
        self.listen_until(who, patience, enough, true)
    }

    fn listen_until(
        &mut self,
        who: char,
        patience: Duration,
        enough: impl Fn(&[u8]) -> bool,
        may_be_proved: bool,
    ) -> Outcome<Heard> {
        let mut wait = self.begin_wait(patience);
        loop {
            // Before the wait: what the server sent before its end has arrived then.
            let has_ended = self.server.process().is_some_and(ServerProcess::has_ended);
            let heard = self.client(who)?.listen(wait.slice(), &enough);
            if interrupt::requested() {
                return Err(Halt::Stopped(Stopped::Interrupted));
            }
            match heard {
                Ok(Heard::Silence) if has_ended => return Ok(Heard::End(None)),
                Ok(Heard::Silence) if may_be_proved && self.is_silence_proved(Some(who)) => {
                    // What was sent before the proof has arrived.
                    let heard = self.client(who)?.listen(PEEK_TIME, &enough);
                    return Ok(heard.unwrap_or(Heard::End(None)));
                }
                Ok(Heard::Silence) if may_be_proved && self.spins_since(&mut wait) => {
                    return Ok(Heard::Silence);
                }
                Ok(Heard::Silence) if !self.is_over(&mut wait) => self.tell_if_long(who, &wait),
                Ok(Heard::Silence) => {
                    self.ran_out |= may_be_proved && patience > PROOF_TIME;
                    return Ok(Heard::Silence);
                }
                Ok(heard) => return Ok(heard),
                Err(error) => return Ok(Heard::End(Some(socketlab::reason(&error)))),
            }
        }
    }

    /// Tells what is waited for, once that has taken long.
    fn tell_if_long(&self, who: char, wait: &Wait) {
        let waited = wait.start.elapsed();
        // Every look comes a little after the one before: one or two see this.
        if waited < LONG_WAIT || waited > LONG_WAIT + 2 * POLL_INTERVAL {
            return;
        }
        let events = self.record.events();
        let own = events.iter().rev().filter(|event| event.client == who);
        let mut name = own.filter_map(|event| match event.what {
            What::Waiting(name) => Some(name),
            What::WaitingForEnd => Some("the end of its connection"),
            _ => None,
        });
        let name = name.next().unwrap_or("the server");
        let (waited, most) = (figure(LONG_WAIT), figure(wait.patience));
        // Nobody need be interested.
        let _ = self
            .waits
            .send(format!("Checking: {who} has waited {waited} for {name}; {most} at the most …"));
    }

    /// A wait begins.
    pub fn begin_wait(&self, patience: Duration) -> Wait {
        let start = Instant::now();
        let deadline = self.deadline.min(start + patience);
        Wait { start, patience, deadline, first: None, last: None }
    }

    /// Whether its time is over. What the server, or the checker, has spent waiting for a processor does
    /// not count, up to a limit.
    pub fn is_over(&mut self, wait: &mut Wait) -> bool {
        if wait.first.is_none() && wait.start.elapsed() > FIRST_LOOK {
            wait.first = self.look();
        }
        if Instant::now() < wait.deadline {
            return false;
        }
        if let Some((now, first)) = self.look().zip(wait.first) {
            let delayed = now.effort.delayed_since(first.effort).min(wait.patience * MAX_DELAY);
            wait.deadline = self.deadline.min(wait.start + wait.patience + delayed);
        }
        Instant::now() >= wait.deadline
    }

    /// Whether the server has made calls without end for [`SPIN_TIME`], and printed nothing, during a
    /// wait. To be asked again and again.
    fn spins_since(&mut self, wait: &mut Wait) -> bool {
        let Some(before) = wait.last.or(wait.first) else { return false };
        if before.at.elapsed() < SPIN_TIME {
            return false;
        }
        wait.last = self.look();
        self.spins = wait.last.is_some_and(|now| {
            now.printed == before.printed && now.effort.is_spinning_since(before.effort)
        });
        self.spins
    }

    fn look(&mut self) -> Option<Look> {
        let program = self.server.process()?.program();
        let effort = busy::effort(program.group())?;
        Some(Look { at: Instant::now(), effort, printed: program.count().0 })
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
            self.listen(who, REST_TIMEOUT, |_| false)?;
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
}
