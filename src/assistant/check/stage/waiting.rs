//! How long a step waits: for a time that a busy machine makes longer, until it is proved that nothing
//! will come, or until the server is seen to go round in circles.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::check::finding::{Halt, Outcome};
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::stage::silence::{PROOF_TIME, Watcher};
use crate::check::stage::{SILENCE, Stage};
use crate::client::record::What;
use crate::draw::figures::figure;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::threads::busy::{self, Effort};
use crate::threads::{Place, connections, socket_timeout};

/// When a wait is long enough to look at what the server does.
const FIRST_LOOK: Duration = Duration::from_millis(100);

/// By how many times its own length a wait may grow where the processors are taken.
const MAX_DELAY: u32 = 4;

/// After how long it is told what is waited for.
const LONG_WAIT: Duration = Duration::from_secs(1);

/// How long a server may be busy with nothing while a client waits.
pub const SPIN_TIME: Duration = Duration::from_secs(1);

/// How long a server must have stood still in `accept` after Ctrl-C, until it is called still running, where the
/// system does not show whether a `read` beside it has a timeout, of a second perhaps.
const STAND_TIME: Duration = Duration::from_millis(1200);

/// How sure it is that what did not come never would. Only waiting changes it.
#[derive(Debug, Default)]
pub struct Certainty {
    was_proved: bool,
    ran_out: bool,
    spins: bool,
}

impl Certainty {
    /// Whether it was proved, whenever a client waited in vain, that nothing would come.
    pub fn is_proof(&self) -> bool {
        self.was_proved && !self.ran_out
    }

    /// Whether some wait has ended for no other reason than that its time was over.
    pub fn ran_out(&self) -> bool {
        self.ran_out
    }

    /// Whether the last long wait has ended because the server made calls without end.
    pub fn spins(&self) -> bool {
        self.spins
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

/// A wait for the server. It ends early at Ctrl-C, when it is proved that nothing will come, and when the
/// server is seen to make calls without end.
#[derive(Debug)]
pub struct Wait {
    start: Instant,
    /// How long it takes at the most, where the processors are free.
    patience: Duration,
    deadline: Instant,
    /// The client that waits, if one does.
    who: Option<char>,
    /// Whether anything but its time and Ctrl-C may end it.
    ends_early: bool,
    /// Whether what is found rests on it.
    counts: bool,
    /// What the server had done soon after the start.
    first: Option<Look>,
    /// What it had done when it was last looked at.
    last: Option<Look>,
}

impl Wait {
    /// The same, for what is due to this client.
    pub fn of(mut self, who: char) -> Self {
        self.who = Some(who);
        self
    }

    /// The same, for all of its time: nothing may come meanwhile.
    pub fn to_the_end(mut self) -> Self {
        (self.ends_early, self.counts) = (false, false);
        self
    }

    /// The same, where nothing that is found rests on what does not come.
    pub fn aside(mut self) -> Self {
        self.counts = false;
        self
    }

    /// How long it still takes.
    fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// How long to wait until the server is looked at.
    fn slice(&self) -> Duration {
        self.left().min(POLL_INTERVAL)
    }
}

impl Stage<'_> {
    /// A wait begins. A wait as short as a proof, or shorter, is only a look: no finding rests on it.
    pub fn begin_wait(&self, patience: Duration) -> Wait {
        let start = Instant::now();
        let deadline = self.limit.end().min(start + patience);
        let (who, ends_early, counts) = (None, true, patience > PROOF_TIME);
        Wait { start, patience, deadline, who, ends_early, counts, first: None, last: None }
    }

    /// Waits until `look` finds something; nothing, if that does not come. `look` takes as long as it is told at the most,
    /// and is called once more when it is proved that nothing will come.
    pub fn until<T>(
        &mut self,
        mut wait: Wait,
        mut look: impl FnMut(&mut Self, Duration) -> Outcome<Option<T>>,
    ) -> Outcome<Option<T>> {
        loop {
            let found = look(self, wait.slice())?;
            if found.is_some() {
                return Ok(found);
            }
            if interrupt::requested() {
                return Err(Halt::Stopped(Stopped::Interrupted));
            }
            if wait.ends_early && self.is_silence_proved(wait.who, wait.left().max(SILENCE)) {
                self.certainty.was_proved |= wait.counts;
                // What was sent before the proof has arrived.
                return look(self, PEEK_TIME);
            }
            if wait.ends_early && self.reached && self.spins_since(&mut wait) {
                return Ok(None);
            }
            if self.is_over(&mut wait) {
                self.certainty.ran_out |= wait.counts;
                return Ok(None);
            }
            self.tell_if_long(&wait);
        }
    }

    /// Makes an experiment whose waits change nothing of what is sure.
    pub fn aside<T>(&mut self, experiment: impl FnOnce(&mut Self) -> T) -> T {
        let certainty = std::mem::take(&mut self.certainty);
        let outcome = experiment(self);
        self.certainty = certainty;
        outcome
    }

    /// Waits until this holds; returns whether it does. It is asked every `interval`.
    pub fn until_it_holds(
        &mut self,
        wait: Wait,
        interval: Duration,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> Outcome<bool> {
        let found = self.until(wait, |stage, slice| {
            let holds = holds(stage);
            if !holds {
                interrupt::sleep(slice.min(interval));
            }
            Ok(holds.then_some(()))
        })?;
        Ok(found.is_some())
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

    /// The same, of a wait that what is found rests on.
    pub fn has_run_out(&mut self, wait: &mut Wait) -> bool {
        let is_over = self.is_over(wait);
        self.certainty.ran_out |= is_over;
        is_over
    }

    /// How long the server's threads, and the checker, have waited for a processor during a wait.
    fn delayed_during(&mut self, wait: &Wait) -> Duration {
        let Some(first) = wait.first else { return Duration::ZERO };
        self.look().map_or(Duration::ZERO, |now| now.effort.delayed_since(first.effort))
    }

    /// Whether the server has made calls without end for [`SPIN_TIME`], and printed nothing, during a
    /// wait. To be asked again and again.
    fn spins_since(&mut self, wait: &mut Wait) -> bool {
        let Some(before) = wait.last.or(wait.first) else { return false };
        if before.at.elapsed() < SPIN_TIME {
            return false;
        }
        wait.last = self.look();
        self.certainty.spins = wait.last.is_some_and(|now| {
            now.printed == before.printed && now.effort.is_spinning_since(before.effort)
        });
        self.certainty.spins
    }

    /// What the server has used of the processors so far, where the system tells.
    pub fn effort(&mut self) -> Option<Effort> {
        busy::effort(self.program()?.group())
    }

    /// How long the server's threads have waited for a processor so far, where the system tells.
    pub fn delayed(&mut self) -> Duration {
        let group = self.program().map(|program| program.group());
        group.and_then(busy::time).unwrap_or_default().waited
    }

    /// How many threads the server has, where the system tells.
    pub fn threads(&mut self) -> Option<usize> {
        busy::threads(self.program()?.group())
    }

    /// How many processes the server has that hold sockets, where the system tells.
    pub fn processes(&mut self) -> Option<usize> {
        // A new one, which looks for all of them now.
        let sample = Watcher::new(self.program()?.id(), Instant::now()).glance().ok()?;
        // Their first threads are called `main`, `process 2` and so on.
        let is_first = |name: &str| name == "main" || name.starts_with("process ");
        Some(sample.threads.iter().filter(|thread| is_first(&thread.name)).count())
    }

    /// Waits until the server has no more threads than this, where the system tells.
    pub fn wait_until_few_threads(&mut self, most: usize) -> Outcome {
        let group = self.program().map(|program| program.group());
        self.wait_while(|_| group.and_then(busy::threads) > Some(most))
    }

    fn look(&mut self) -> Option<Look> {
        let program = self.program()?;
        let effort = busy::effort(program.group())?;
        Some(Look { at: Instant::now(), effort, printed: program.count().0 })
    }

    /// Tells what is waited for, once that has taken long.
    fn tell_if_long(&self, wait: &Wait) {
        let Some(who) = wait.who.filter(|_| wait.ends_early) else { return };
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

    /// Whether it is proved that nothing will come to a client (or appear on the console) within `time` and before
    /// another one does something. To be asked again and again.
    fn is_silence_proved(&mut self, waiting: Option<char>, time: Duration) -> bool {
        // Before it has let a client in, the timeouts of its sockets do not matter: it has none.
        if self.has_unseen_timeouts() && self.reached {
            return false;
        }
        let address = waiting.and_then(|who| self.address_of(who));
        if waiting.is_some() && address.is_none() {
            return false;
        }
        let deeds = self.record.count();
        self.watcher.as_mut().is_some_and(|watcher| watcher.proves_silence(address, time, deeds))
    }

    /// Waits until the server has read what a client has sent, where the system tells.
    pub fn wait_until_read(&mut self, who: char) -> Outcome {
        let Some(client) = self.client(who)?.address() else { return Ok(()) };
        self.wait_while(|server| connections::unread(server, client) > Some(0))
    }

    /// Whether the server has not read all that a client has sent, where the system tells.
    pub fn has_unread(&mut self, who: char) -> bool {
        let address = self.address_of(who);
        address.is_some_and(|client| connections::unread(self.address(), client) > Some(0))
    }

    /// Waits until the server has closed the connection of a client that had this address, where the
    /// system tells.
    pub fn wait_until_closed(&mut self, client: Option<SocketAddr>) -> Outcome {
        let Some(client) = client else { return Ok(()) };
        self.wait_while(|server| connections::accepted(server, client) == Some(true))
    }

    /// Waits until the server has closed a client's connection, at its own end, whether or not the client
    /// reads; returns whether it has not, where the system tells.
    pub fn stays_open(&mut self, who: char) -> Outcome<bool> {
        let Some(client) = self.client(who)?.address() else { return Ok(false) };
        let is_open = |server| connections::is_open(server, client) == Some(true);
        self.wait_while(is_open)?;
        Ok(is_open(self.address()))
    }

    /// Waits until the server has accepted a client; returns whether it has not, where the system tells.
    pub fn stays_pending(&mut self, who: char) -> Outcome<bool> {
        self.note(who, What::Waiting("the server to accept it"));
        let Some(client) = self.client(who)?.address() else { return Ok(false) };
        let wait = self.begin_wait(self.reply_patience()).of(who);
        let is_accepted =
            |stage: &mut Self| connections::accepted(stage.address(), client) != Some(false);
        Ok(!self.until_it_holds(wait, connections::poll_interval(), is_accepted)?)
    }

    /// Waits while this holds for the server's address, but not for ever.
    fn wait_while(&mut self, holds: impl Fn(SocketAddr) -> bool) -> Outcome {
        let wait = self.begin_wait(self.patience()).aside();
        self.until_it_holds(wait, connections::poll_interval(), |stage| !holds(stage.address()))
            .map(drop)
    }

    /// Waits for `time`, or until it is proved that the server does nothing more without its clients;
    /// returns whether it is.
    pub fn wait_for_nothing(&mut self, time: Duration) -> bool {
        let mut wait = self.begin_wait(time).to_the_end();
        while !self.is_over(&mut wait) && !interrupt::requested() {
            if self.is_silence_proved(None, Duration::MAX) {
                return true;
            }
            interrupt::sleep(wait.slice());
        }
        false
    }

    /// Whether what a client waited for came after all, while the threads were looked at: then nothing was proved.
    pub fn came_late(&mut self, who: char, wanted: &[u8]) -> Outcome<bool> {
        let came = self.hear(who, wanted, PEEK_TIME)? == Reply::Right;
        if came {
            self.nothing_is_proved();
        }
        Ok(came)
    }

    /// What was waited for came after all.
    pub fn nothing_is_proved(&mut self) {
        (self.certainty.was_proved, self.certainty.ran_out) = (false, true);
    }

    /// Whether the server's process ends within `patience`; the wait is over as soon as it is proved that
    /// nothing happens in it any more.
    pub fn ends_soon(&mut self, patience: Duration) -> bool {
        let wait = self.begin_wait(patience).aside();
        let ended = self.until(wait, |stage, slice| Ok(stage.ends_within(slice).then_some(())));
        ended.is_ok_and(|ended| ended.is_some())
    }

    /// Whether the server's process ends within `patience`, after Ctrl-C. The wait is over earlier if it is proved that
    /// nothing happens in it any more, or if a thread waits in `accept`, and none does anything for [`STAND_TIME`].
    pub fn ends_or_stands(&mut self, patience: Duration) -> bool {
        let mut stands: Option<Instant> = None;
        let mut wait = self.begin_wait(patience);
        loop {
            if self.ends_within(wait.slice()) {
                return true;
            }
            if self.has_run_out(&mut wait) || interrupt::requested() {
                return false;
            }
            let is_proved = self.is_silence_proved(None, wait.left().max(SILENCE));
            stands = stands.filter(|_| is_proved).or(is_proved.then(Instant::now));
            let stands = stands.is_some_and(|since| since.elapsed() > STAND_TIME) && self.accepts();
            if stands || (is_proved && socket_timeout::are_seen()) {
                self.certainty.was_proved = true;
                return false;
            }
        }
    }

    /// Whether a thread of the server waits in `accept`.
    fn accepts(&mut self) -> bool {
        let sample = self.watcher.as_mut().and_then(|watcher| watcher.glance().ok());
        sample.is_some_and(|it| it.threads.iter().any(|thread| thread.place == Place::Accept))
    }
}
