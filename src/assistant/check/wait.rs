//! How long a step waits: for a time that a busy machine makes longer, until it is proved that nothing
//! will come, or until the server is seen to go round in circles.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::check::finding::Halt;
use crate::check::stage::Stage;
use crate::client::record::What;
use crate::draw::figures::figure;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::threads::busy::{self, Effort};
use crate::threads::connections;

/// When a wait is long enough to look at what the server does.
const FIRST_LOOK: Duration = Duration::from_millis(100);

/// By how many times its own length a wait may grow where the processors are taken.
const MAX_DELAY: u32 = 4;

/// After how long it is told what is waited for.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// How long a server may be busy with nothing while a client waits.
pub const SPIN_TIME: Duration = Duration::from_secs(1);

/// How often the system is asked about a connection: where it has only a table of all, that can be long.
const PROC_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// To how many times its own length a whole check may grow where the processors are taken.
const MAX_CHECK_GROWTH: u32 = 3;

/// A check that has waited for a processor for more than a tenth of its time cannot say that the server
/// was slow.
const DELAYED_SHARE: u32 = 10;

/// When a whole check must be over. It belongs to the thread that makes the check.
#[derive(Debug)]
pub struct Limit {
    start: Instant,
    time: Duration,
    /// How long the thread had waited for a processor at the start.
    delay: Duration,
}

impl Limit {
    /// This long from now. What the thread waits for a processor does not count, up to
    /// [`MAX_CHECK_GROWTH`].
    pub fn of(time: Duration) -> Self {
        Self { start: Instant::now(), time, delay: busy::own_delay() }
    }

    /// When it is over, as things stand.
    fn end(&self) -> Instant {
        self.end_after(self.delayed())
    }

    /// When it is over if the check has waited for a processor for so long.
    fn end_after(&self, delayed: Duration) -> Instant {
        self.start + (self.time + delayed).min(self.time * MAX_CHECK_GROWTH)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.end()
    }

    /// How long the check has waited for a processor.
    fn delayed(&self) -> Duration {
        busy::own_delay().saturating_sub(self.delay)
    }

    /// How long the check, or the server's threads, have waited for a processor, if that is too much of
    /// its time.
    pub fn lacked_processor(&self, server_delayed: Duration) -> Option<Duration> {
        let time = self.start.elapsed();
        let delayed = self.delayed().max(server_delayed.min(time));
        (delayed > time / DELAYED_SHARE).then_some(delayed)
    }
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
    /// How long it takes at the most, where the processors are free.
    pub(super) patience: Duration,
    deadline: Instant,
    /// What the server had done soon after the start.
    first: Option<Look>,
    /// What it had done when it was last looked at.
    last: Option<Look>,
}

impl Wait {
    /// How long to wait until the server is looked at.
    pub fn slice(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now()).min(POLL_INTERVAL)
    }
}

impl Stage<'_> {
    /// A wait begins.
    pub fn begin_wait(&self, patience: Duration) -> Wait {
        let start = Instant::now();
        let deadline = self.limit.end().min(start + patience);
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
        let delayed = self.delayed_during(wait).min(wait.patience * MAX_DELAY);
        wait.deadline = self.limit.end().min(wait.start + wait.patience + delayed);
        Instant::now() >= wait.deadline
    }

    /// How long the server's threads, and the checker, have waited for a processor during a wait.
    fn delayed_during(&mut self, wait: &Wait) -> Duration {
        let Some(first) = wait.first else { return Duration::ZERO };
        self.look().map_or(Duration::ZERO, |now| now.effort.delayed_since(first.effort))
    }

    /// Whether the server has made calls without end for [`SPIN_TIME`], and printed nothing, during a
    /// wait. To be asked again and again.
    pub(super) fn spins_since(&mut self, wait: &mut Wait) -> bool {
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

    /// What the server has used of the processors so far, where the system tells.
    pub fn effort(&mut self) -> Option<Effort> {
        busy::effort(self.server.process()?.program().group())
    }

    /// How long the server's threads have waited for a processor so far, where the system tells.
    pub fn delayed(&mut self) -> Duration {
        let group = self.server.process().map(|process| process.program().group());
        group.and_then(busy::time).unwrap_or_default().waited
    }

    /// How many threads the server has, where the system tells.
    pub fn threads(&mut self) -> Option<usize> {
        busy::threads(self.server.process()?.program().group())
    }

    /// Waits until the server has no more threads than this, where the system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn wait_until_few_threads(&mut self, most: usize) -> Result<(), Halt> {
        let group = self.server.process().map(|process| process.program().group());
        self.wait_while_it(|_| group.and_then(busy::threads) > Some(most))
    }

    fn look(&mut self) -> Option<Look> {
        let program = self.server.process()?.program();
        let effort = busy::effort(program.group())?;
        Some(Look { at: Instant::now(), effort, printed: program.count().0 })
    }

    /// Tells what is waited for, once that has taken long.
    pub(super) fn tell_if_long(&self, who: char, wait: &Wait) {
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
        // A script does not listen.
        let _ = self
            .waits
            .send(format!("Checking: {who} has waited {waited} for {name}; {most} at the most …"));
    }

    /// Whether it is proved that nothing will come to a client (or appear on the console) before
    /// another one does something. To be asked again and again.
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

    /// Waits until the server has read what a client has sent, where the system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn wait_until_read(&mut self, who: char) -> Result<(), Halt> {
        let client = self.client(who)?.address();
        self.wait_while(client, |server, client| connections::unread(server, client) > Some(0))
    }

    /// Whether the server has not read all that a client has sent, where the system tells.
    pub fn has_unread(&mut self, who: char) -> bool {
        let address = self.client(who).ok().and_then(|client| client.address());
        address.is_some_and(|client| connections::unread(self.address(), client) > Some(0))
    }

    /// Waits until the server has closed the connection of a client that had this address, where the
    /// system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn wait_until_closed(&mut self, client: Option<SocketAddr>) -> Result<(), Halt> {
        self.wait_while(client, |server, client| {
            connections::accepted(server, client) == Some(true)
        })
    }

    /// Waits until the server has closed a client's connection, at its own end, whether or not the client
    /// reads; returns whether it has not, where the system tells.
    ///
    /// # Errors
    /// At Ctrl-C.
    pub fn stays_open(&mut self, who: char) -> Result<bool, Halt> {
        let Some(client) = self.client(who)?.address() else { return Ok(false) };
        self.wait_while(Some(client), |server, client| {
            connections::is_open(server, client) == Some(true)
        })?;
        Ok(connections::is_open(self.address(), client) == Some(true))
    }

    /// Waits while this holds for the server's address and a client's, but not for ever.
    fn wait_while(
        &mut self,
        client: Option<SocketAddr>,
        holds: impl Fn(SocketAddr, SocketAddr) -> bool,
    ) -> Result<(), Halt> {
        let Some(client) = client else { return Ok(()) };
        self.wait_while_it(|server| holds(server, client))
    }

    /// Waits while this holds for the server's address, but not for ever.
    fn wait_while_it(&mut self, holds: impl Fn(SocketAddr) -> bool) -> Result<(), Halt> {
        let mut wait = self.begin_wait(self.patience());
        while holds(self.address()) && !self.is_over(&mut wait) {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_may_take_longer_on_a_busy_machine_but_not_without_end() {
        let minute = Duration::from_secs(60);
        let limit = Limit::of(minute);
        assert_eq!(limit.end_after(minute / 2), limit.start + minute * 3 / 2);
        assert_eq!(limit.end_after(minute * 60), limit.start + minute * MAX_CHECK_GROWTH);
        assert!(!limit.is_over() && Limit::of(Duration::ZERO).is_over());
    }
}
