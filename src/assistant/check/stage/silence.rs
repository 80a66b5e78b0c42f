//! Whether a server that says nothing is ever going to: the places of its threads prove it.
//!
//! A server that is merely slow sleeps or computes. A server whose threads all wait for a client, or
//! for each other, sends nothing more.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crate::threads::{Connection, Place, Sample, Sampler, Thread, Unseen};

/// How long no thread may have moved. No timeout of the kit's own is longer (`hang_up` gives a client
/// 250 ms), and no delay of the system's: an acknowledgement is held back for 40 ms.
pub const PROOF_TIME: Duration = Duration::from_millis(300);

/// How often a server is looked at that still moves.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// How long a server must stand still, while no client sends, to be called idle.
const IDLE_TIME: Duration = Duration::from_millis(20);

/// A server is idle that will not wake up by itself for so long: longer than it is watched whether it works.
const IDLE_HORIZON: Duration = Duration::from_secs(2);

/// How often it is looked whether it does: it may still be saying goodbye.
const IDLE_LOOKS: usize = 4;

/// Where a server's threads stood while a client waited in vain.
#[derive(Debug)]
pub struct Stood {
    /// As it was seen.
    pub sample: Sample,
    /// The address of the client that waited.
    pub waiting: Option<SocketAddr>,
}

/// What keeps a server that has not accepted a client, or has no thread for it, from going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The loop that accepts serves a client itself.
    Serves,
    /// The loop that accepts waits for a thread's end.
    Joins,
    /// The loop that accepts waits for a lock.
    Locked,
    /// The loop goes on, and hands all clients to threads that are taken.
    Workers(usize),
}

impl Stood {
    /// The threads of the program as it was written.
    pub fn threads(&self) -> impl Iterator<Item = &Thread> {
        self.sample.own_threads()
    }

    /// Whether the threads say anything: those of asynchronous runtimes do not.
    pub fn says_anything(&self) -> bool {
        let says = |place: &Place| !matches!(place, Place::Waits | Place::Poll | Place::Unknown);
        self.threads().any(|thread| says(&thread.place))
    }

    /// Whether the server was sending something to this client, which did not read.
    pub fn was_sending_to(&self, client: SocketAddr) -> bool {
        self.sample.connections.iter().any(|it| it.client == client && it.unsent > 0)
    }

    /// Whether the client that waited had not been accepted.
    pub fn is_pending(&self) -> bool {
        let is_own = |one: &&Connection| Some(one.client) == self.waiting;
        self.sample.connections.iter().find(is_own).is_some_and(|one| !one.accepted)
    }

    /// Whether a thread waited for a lock.
    pub fn has_lock(&self) -> bool {
        self.threads().any(|thread| matches!(thread.place, Place::Lock(_)))
    }

    /// What the main thread waits for.
    pub fn obstacle(&self) -> Option<Obstacle> {
        let mut own = self.threads();
        let main = own.next()?;
        let others = own.count();
        match main.place {
            Place::Read(_) | Place::Write(_) | Place::Input => Some(Obstacle::Serves),
            Place::Join(_) => Some(Obstacle::Joins),
            // The end of a scope looks like a channel.
            Place::Parked if others == 1 => Some(Obstacle::Joins),
            Place::Lock(_) => Some(Obstacle::Locked),
            Place::Accept if others > 0 => Some(Obstacle::Workers(others)),
            _ => None,
        }
    }
}

/// Looks at the threads of one server.
#[derive(Debug)]
pub struct Watcher {
    sampler: Sampler,
    /// When it was looked last, what was seen if the threads were at rest, and what had been done until then.
    last: Option<(Instant, Option<Sample>, usize)>,
}

impl Watcher {
    /// For the server that was started as this process, after this moment.
    pub fn new(process: u32, started: Instant) -> Self {
        Self { sampler: Sampler::new(process).started(started), last: None }
    }

    /// A client with this address is connected to the server.
    pub fn add_client(&mut self, server: SocketAddr, client: SocketAddr) {
        self.sampler.add_client(server, client);
    }

    /// Where the threads stand at this moment; some may be on their way.
    pub fn glance(&mut self) -> Result<Sample, Unseen> {
        self.sampler.glance()
    }

    /// How many bytes the server has not read of all that its clients have sent.
    pub fn unread(&mut self) -> Option<u64> {
        let sample = self.glance().ok()?;
        let of = |client: &Connection| u64::from(client.unread) + u64::from(client.arriving);
        Some(sample.connections.iter().map(of).sum())
    }

    /// Looks once, so that locks are told from what looks like one later.
    pub fn look(&mut self) {
        let _ = self.sampler.glance();
    }

    /// Whether it is proved that nothing will come to `waiting`, or to any client if that is `None`, within `time`
    /// and before one of them does something.
    /// Ask again and again while you wait: the proof takes [`PROOF_TIME`], and begins anew when `deeds`,
    /// the number of things that were done, has changed.
    pub fn proves_silence(
        &mut self,
        waiting: Option<SocketAddr>,
        time: Duration,
        deeds: usize,
    ) -> bool {
        self.last.take_if(|(.., before)| *before != deeds);
        let is_stuck =
            |sample: &Option<Sample>| sample.as_ref().is_some_and(|it| it.is_stuck(waiting, time));
        if let Some((at, sample, _)) = &self.last {
            let interval = if is_stuck(sample) { PROOF_TIME } else { LOOK_INTERVAL };
            if at.elapsed() < interval {
                return false;
            }
        }
        // A program that waits for another one may have started it just now.
        if self.last.as_ref().is_some_and(|(_, sample, _)| is_stuck(sample)) {
            self.sampler.search_again();
        }
        let Ok(now) = self.sampler.glance_at_rest(time) else { return false };
        let before = self.last.as_ref().and_then(|(_, before, _)| before.as_ref());
        let same = before.zip(now.as_ref()).is_some_and(|(before, now)| now.stands_as(before));
        if same && is_stuck(&now) {
            return true;
        }
        self.last = Some((Instant::now(), now, deeds));
        false
    }

    /// Whether no thread does anything, or is going to by itself for two seconds.
    pub fn is_idle(&mut self) -> bool {
        self.idle().is_some()
    }

    /// Where the threads stand then.
    pub fn idle(&mut self) -> Option<Sample> {
        (0..IDLE_LOOKS).find_map(|_| self.still(None, IDLE_HORIZON))
    }

    /// Whether no thread does anything at this moment.
    pub fn stands_still(&mut self) -> bool {
        self.still(None, IDLE_TIME).is_some()
    }

    /// Whether it is seen within `time` (and once in any case) that no thread does anything, or is going to by itself
    /// before that time is over, and that all that was sent to `waiting` has arrived.
    pub fn has_done_all(&mut self, waiting: SocketAddr, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if self.still(Some(waiting), left).is_some() {
                return true;
            }
            if Instant::now() + IDLE_TIME >= deadline {
                return false;
            }
        }
    }

    /// Where the threads stand, if they stand still for [`IDLE_TIME`] and none wakes up by itself within `time`.
    fn still(&mut self, waiting: Option<SocketAddr>, time: Duration) -> Option<Sample> {
        let before = self.sampler.glance_at_rest(time).ok()?;
        thread::sleep(IDLE_TIME);
        let before = before.filter(|sample| sample.is_stuck(waiting, time))?;
        let now = self.sampler.glance_at_rest(time).ok()??;
        now.stands_as(&before).then_some(now)
    }

    /// Where the threads stand now.
    pub fn settled(&mut self) -> Option<Sample> {
        self.sampler.settled().ok()
    }
}
