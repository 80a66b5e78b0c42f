//! What the clients of a scene do, one move after the other, and what they miss.

use std::io::{ErrorKind, Write};
use std::iter;
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::check::finding::{Halt, Lack, Missed, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::silence::Watcher;
use crate::check::stage::waiting::Wait;
use crate::client::record::{CONSOLE, What};
use crate::client::scripted::{Heard, ScriptedClient, is_timeout};
use crate::process::interrupt;
use crate::process::server_process::ServerProcess;
use crate::threads::{Connection, Sample, connections};

/// How long a program may take until it listens.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a program may listen on `::1` alone, until that is told.
const IPV6_TIMEOUT: Duration = Duration::from_secs(1);

/// How soon a client connects again to a server that is not listening yet.
const CONNECT_RETRY: Duration = Duration::from_millis(5);

/// How long the rest of a wrong reply is waited for, to show all of it.
const REST_TIMEOUT: Duration = Duration::from_millis(50);

/// How long a look takes at what a client has got meanwhile.
pub const PEEK_TIME: Duration = Duration::from_millis(1);

/// How many bytes may still come to a client that has ended its input. A server that answers without
/// end reaches it at once.
pub const FLOOD: usize = 100;

/// How long a system may hold an acknowledgement back, and somewhat more: Linux 40 ms.
const ACKNOWLEDGE_TIME: Duration = Duration::from_millis(60);

/// For how long nothing may change of a connection, where it cannot be seen that the server does nothing.
const UNCHANGED_TIME: Duration = Duration::from_millis(500);

/// How many times the patience it may take to fill the buffers of a client that does not read.
const FILLING: u32 = 5;

/// How much a client sends at a time that reads nothing, in bytes: one message at a time would take long.
const CHUNK: usize = 64 * 1024;

/// More than the system keeps of what is sent: Linux, by default, 4 MiB that are to be sent and 6 MiB that
/// have arrived (tcp(7)).
pub const TOO_MUCH: usize = 12 * 1024 * 1024;

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

impl Stage<'_> {
    /// A client connects. The first one waits until the server listens.
    pub fn connect(&mut self, who: char) -> Outcome {
        self.connect_as(who, |_| ())
    }

    /// A client connects that is going to read nothing.
    pub fn connect_deaf(&mut self, who: char) -> Outcome {
        self.connect_as(who, |client| client.use_small_segments())
    }

    fn connect_as(&mut self, who: char, prepare: fn(&mut ScriptedClient<'_>)) -> Outcome {
        let mut client = ScriptedClient::new(who, self.address(), self.patience(), self.record);
        prepare(&mut client);
        self.note(who, What::Connecting);
        let start = Instant::now();
        let (mut last, mut on_ipv6) = (None, None);
        let wait = self.begin_wait(LISTEN_TIMEOUT);
        let connected = self.until(wait, |stage, _| {
            let Err(error) = client.try_connect() else { return Ok(Some(true)) };
            last = Some(error);
            let may_listen =
                !stage.reached && stage.has_console() && !stage.ends_within(CONNECT_RETRY);
            // Not by a client: a server that is about to listen at both would count it.
            let is_seen = || stage.listens_on_ipv6() == Some(true);
            if on_ipv6.is_none() && start.elapsed() > IPV6_TIMEOUT && is_seen() {
                on_ipv6 = Some(Instant::now());
            }
            // It may be about to listen at 127.0.0.1 too, or have begun a moment after the last try.
            let only_ipv6 = on_ipv6.is_some_and(|since| since.elapsed() > IPV6_TIMEOUT / 2);
            Ok((!may_listen || only_ipv6).then_some(false))
        })?;
        if let (Some(error), None | Some(false)) = (last, connected) {
            return Err(Missed::new(who, Lack::Connection(error)).into());
        }
        let server = self.address();
        if let Some((watcher, own)) = self.watcher.as_mut().zip(client.address()) {
            watcher.add_client(server, own);
        }
        if !self.reached && !self.has_unseen_timeouts() {
            // Before any client can wait: what looks like a lock later may be seen without its waiters now.
            self.watcher.iter_mut().for_each(Watcher::look);
        }
        self.reached = true;
        self.clients.push((who, client));
        Ok(())
    }

    /// Whether a server listens on this port at `::1`, while the checker connects to 127.0.0.1, where the system tells.
    fn listens_on_ipv6(&self) -> Option<bool> {
        connections::is_listening(self.on_ipv6()?)
    }

    /// The same, tried by a client where the system does not tell: for when the check is over.
    pub(in crate::check) fn answers_on_ipv6(&self) -> bool {
        let connects = |it: &SocketAddr| TcpStream::connect_timeout(it, self.patience()).is_ok();
        self.listens_on_ipv6().unwrap_or_else(|| self.on_ipv6().iter().any(connects))
    }

    /// Its address at `::1`, if the checker connects to 127.0.0.1.
    fn on_ipv6(&self) -> Option<SocketAddr> {
        let address = self.address();
        let is_local = address.ip() == Ipv4Addr::LOCALHOST;
        is_local.then(|| SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())))
    }

    /// A client sends these bytes.
    pub fn send(&mut self, who: char, bytes: impl AsRef<[u8]>) -> Outcome {
        let sent = self.client(who)?.try_send(bytes.as_ref());
        match sent {
            Ok(()) => Ok(()),
            Err(_) => Err(self.ended(who, "sent its message", b"")),
        }
    }

    /// A client sends one text of `texts` after the other and reads nothing that comes, for `time` at the
    /// most, or until `is_full` holds, which is told whether a text did not go at once, and how many bytes
    /// have been sent. Returns their number.
    pub fn send_unread(
        &mut self,
        who: char,
        time: Duration,
        mut texts: impl Iterator<Item = Vec<u8>>,
        mut is_full: impl FnMut(&mut Self, bool, usize) -> Outcome<bool>,
    ) -> Outcome<usize> {
        let what = format!("sent many messages by {who}, which reads no reply");
        self.note(CONSOLE, What::Server(what));
        let mut stream = self.stream(who)?;
        let mut wait = self.begin_wait(time);
        let (mut sent, mut left) = (0, Vec::new());
        while !self.is_over(&mut wait) && !interrupt::requested() {
            if left.is_empty() {
                let Some(text) = texts.next() else { break };
                left = text;
            }
            // The write has a timeout of [`POLL_INTERVAL`].
            match stream.write(&left) {
                Ok(length) => {
                    left.drain(..length);
                    sent += length;
                }
                Err(error) if is_timeout(&error) || error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(self.ended(who, "sent its messages", b"")),
            }
            if is_full(self, !left.is_empty(), sent)? {
                break;
            }
        }
        Ok(sent)
    }

    /// A client sends `message` again and again, and reads nothing that comes, until the server waits for that;
    /// returns whether it does in time. One that keeps all replies in its memory does not.
    pub fn stop_reading(&mut self, who: char, message: &[u8]) -> Outcome<bool> {
        let many = message.repeat(CHUNK.div_ceil(message.len().max(1)));
        // What fits into the buffers both ways, and more.
        let texts = iter::repeat_n(many, 2 * TOO_MUCH / CHUNK);
        let (time, mut waits) = (self.patience() * FILLING, false);
        self.send_unread(who, time, texts, |stage, is_stuck, _| {
            waits = is_stuck && stage.unread_reply(who).is_some();
            Ok(waits)
        })?;
        Ok(waits)
    }

    /// Takes all that has arrived for a client, and writes it down.
    pub fn take(&mut self, who: char) -> Outcome<Vec<u8>> {
        let client = self.client(who)?;
        let got = client.take_arrived(usize::MAX);
        if !got.is_empty() {
            client.note(What::Received(got.clone()));
        }
        Ok(got)
    }

    /// Whether `wanted` comes to a client within `patience`; then it takes that, and writes it down.
    pub fn gets(&mut self, who: char, wanted: &str, patience: Duration) -> Outcome<bool> {
        let is_right = self.hear(who, wanted.as_bytes(), patience)? == Reply::Right;
        if is_right {
            self.judge(Reply::Right, who, wanted.as_bytes(), "")?;
        }
        Ok(is_right)
    }

    /// The system must say where the server's threads stand. Where it does not, the scene counts as left out.
    pub fn must_see_threads(&mut self) -> Outcome {
        match self.watcher.as_mut().is_some_and(|watcher| watcher.glance().is_ok()) {
            true => Ok(()),
            false => Err(Halt::LeftOut("this system does not say where threads stand")),
        }
    }

    /// The connection of a client, if a reply is unsent until the client reads, and nothing moves in the server. In
    /// which call it waits does not matter: Go and Ruby do not stand in `write`. On a busy machine it can seem so for
    /// a moment.
    pub fn unread_reply(&mut self, who: char) -> Option<Connection> {
        let address = self.address_of(who)?;
        let watcher = self.watcher.as_mut()?;
        let unsent = |sample: Sample| {
            sample.connections.into_iter().find(|it| it.client == address && it.unsent > 0)
        };
        unsent(watcher.glance().ok()?)?;
        let Some(idle) = watcher.idle() else {
            // A runtime's threads may never rest. But what is there of the connection does not change.
            let before = unsent(watcher.glance().ok()?)?;
            interrupt::sleep(UNCHANGED_TIME);
            return unsent(watcher.glance().ok()?).filter(|now| *now == before);
        };
        let before = unsent(idle)?;
        // The other end may only be late in acknowledging what it has room for.
        interrupt::sleep(ACKNOWLEDGE_TIME);
        unsent(watcher.idle()?).filter(|now| *now == before)
    }

    /// Whether no thread of the server does anything.
    pub fn stands_still(&mut self) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        // Twice: the other end may only be late in acknowledging what it has room for.
        watcher.stands_still() && {
            interrupt::sleep(ACKNOWLEDGE_TIME);
            watcher.stands_still()
        }
    }

    /// A client ends its input: it sends no more, and still reads.
    pub fn finish_sending(&mut self, who: char) -> Outcome {
        self.note(who, What::FinishedSending);
        if self.stream(who)?.shutdown(Shutdown::Write).is_err() {
            return Err(self.ended(who, "ended its input", b""));
        }
        Ok(())
    }

    /// A client that has ended its input waits for the end of its connection.
    pub fn expect_end_of_input(&mut self, who: char) -> Outcome {
        self.note(who, What::WaitingForEnd);
        let heard = self.listen(who, self.patience(), |arrived| arrived.len() >= FLOOD)?;
        if heard != Heard::Enough {
            return self.judge_end(who, heard);
        }
        let got = self.client(who)?.take_arrived(FLOOD);
        Err(Missed::new(who, Lack::EndOfReplies(got)).into())
    }

    /// A client closes its connection.
    pub fn close(&mut self, who: char) {
        if let Some(place) = self.place(who) {
            self.clients.remove(place).1.close();
        }
    }

    /// A client breaks its connection off while something is waiting to be read.
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
    pub fn expect(&mut self, who: char, wanted: impl AsRef<[u8]>, name: &'static str) -> Outcome {
        let wanted = wanted.as_ref();
        self.expect_part(who, wanted, name)?;
        let client = self.client(who)?;
        if client.arrived().is_empty() {
            return Ok(());
        }
        let rest = client.take_arrived(usize::MAX);
        Err(self.wrong(who, wanted, [wanted, &rest].concat(), String::new()))
    }

    /// A client waits for exactly this; more may follow.
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
                Err(self.wrong(who, wanted, got, String::new()))
            }
            Reply::Ended => Err(self.ended(who, name, wanted)),
            Reply::Silent => Err(self.silent(who, wanted, name)),
        }
    }

    /// A client waits for the end of its connection.
    pub fn expect_end(&mut self, who: char) -> Outcome {
        self.note(who, What::WaitingForEnd);
        let heard = self.listen(who, self.patience(), |arrived| !arrived.is_empty())?;
        self.judge_end(who, heard)
    }

    /// The same, and it does not close its own end, nor says anything more.
    pub fn expect_end_and_stay(&mut self, who: char) -> Outcome {
        self.note(who, What::WaitingForEnd);
        let heard = self.listen(who, self.patience(), |arrived| !arrived.is_empty())?;
        self.judge_end_and_stay(who, heard)
    }

    /// What comes of a client's wait for the end: the client closes its connection, too.
    pub fn judge_end(&mut self, who: char, heard: Heard) -> Outcome {
        self.judge_end_and_stay(who, heard)?;
        self.close(who);
        Ok(())
    }

    /// The same, and the client does not close its own end.
    pub fn judge_end_and_stay(&mut self, who: char, heard: Heard) -> Outcome {
        match heard {
            Heard::End(_) if self.arrived(who).is_empty() => {
                self.note(who, What::Ended);
                Ok(())
            }
            Heard::Silence if self.arrived(who).is_empty() => {
                Err(Missed::new(who, Lack::End).into())
            }
            _ => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let note = format!("{who} was waiting for the server to close the connection.");
                Err(self.wrong(who, b"", got, note))
            }
        }
    }

    /// Nothing may come to a client for `time`, because it is its turn; for less than that, where it is
    /// seen that the server has nothing left to do.
    pub fn wait_for_turn(&mut self, who: char, time: Duration) -> Outcome {
        self.note(who, What::Thinking);
        let time = self.time_to_listen(who, time);
        let wait = self.begin_wait(time).to_the_end();
        let heard = self.listen_until(wait, who, |arrived| !arrived.is_empty())?;
        self.must_be_silence(who, heard)
    }

    /// Nothing may come to a client for all of this time, because it is its turn. A busy machine does not make it
    /// longer: the server's own clock may be running.
    pub fn think(&mut self, who: char, time: Duration) -> Outcome {
        self.note(who, What::Thinking);
        let heard = self.client(who)?.listen(time, |arrived| !arrived.is_empty());
        self.must_be_silence(who, heard.unwrap_or(Heard::End(None)))
    }

    fn must_be_silence(&mut self, who: char, heard: Heard) -> Outcome {
        match heard {
            Heard::Silence => Ok(()),
            Heard::End(_) => Err(self.ended(who, "answered", b"")),
            Heard::Enough => {
                let got = self.client(who)?.take_arrived(usize::MAX);
                let note = format!("It was {who}'s turn to send, and it had sent nothing yet.");
                Err(self.wrong(who, b"", got, note))
            }
        }
    }

    /// Listens as a client does, and writes nothing down. Once the server's process has ended, nothing
    /// more can come: that is the end too, also when another process still holds its sockets. Silence
    /// that is proved ends the wait.
    pub fn listen(
        &mut self,
        who: char,
        patience: Duration,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Outcome<Heard> {
        self.listen_until(self.begin_wait(patience).of(who), who, enough)
    }

    fn listen_until(
        &mut self,
        wait: Wait,
        who: char,
        enough: impl Fn(&[u8]) -> bool,
    ) -> Outcome<Heard> {
        let heard = self.until(wait, |stage, slice| {
            // Before the wait: what the server sent before its end has arrived then.
            let has_ended = stage.server.process().is_some_and(ServerProcess::has_ended);
            Ok(match stage.client(who)?.listen(slice, &enough) {
                Ok(Heard::Silence) => has_ended.then_some(Heard::End(None)),
                Ok(heard) => Some(heard),
                Err(error) => Some(Heard::End(Some(socketlab::reason(&error)))),
            })
        })?;
        Ok(heard.unwrap_or(Heard::Silence))
    }

    /// Waits until it is clear whether `wanted` comes to a client, or anything at all if that is empty;
    /// what has arrived stays there.
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
}
