//! Where each thread of a running program stands: in which call, for which client, for which lock.
//!
//! Linux says so in `/proc` (proc(5)), about programs of the same user that this program has started
//! itself. The program that is looked at need not be prepared, and is not stopped.
//!
//! | job | module |
//! | --- | --- |
//! | the numbers of the calls, and what a thread in one of them waits for | [`calls`] |
//! | what the system says of TCP connections: the answer to a question about one | [`connections`], [`sock_diag`] |
//! | … and where it does not answer, all that it has | [`table`] |
//! | the sockets of a program, from one look to the next | [`sockets`] |
//! | how busy the processes of a group are | [`busy`] |
//! | from the texts in `/proc` to places; nothing is read there | [`interpret`] |
//! | the threads that a language's runtime starts for itself | [`runtimes`] |
//! | reading the texts, twice | [`sampler`] |
//! | the timeouts of sockets | [`socket_timeout`] |
//! | how many threads there are, and how much memory | [`usage`] |
//! | how often they have gone to sleep | [`wakeups`] |
//!
//! What the values of a futex mean is an inside of std, glibc and CPython. A test pins it against a
//! program with a thread for every kind of waiting. What is not sure is called [`Place::Waits`].

pub mod busy;
mod calls;
pub mod connections;
mod interpret;
mod runtimes;
mod sampler;
mod sock_diag;
pub mod socket_timeout;
mod sockets;
pub mod table;
pub mod usage;
pub mod wakeups;

use std::net::SocketAddr;
use std::time::Duration;

pub use connections::Connection;
pub use runtimes::Owner;
pub use sampler::{Sampler, Unseen};

/// All processes that descend from this one. On Linux; elsewhere it is not told.
pub fn descendants() -> Vec<u32> {
    let own = std::process::id();
    // Orphans have got another parent, so each is read anew.
    sampler::family(&sampler::relations_now(), own, own).split_off(1)
}

/// How much may not be known of a timer that is shown.
const EXACT: Duration = Duration::from_millis(300);

/// What was seen of a program at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its threads, the oldest first.
    pub threads: Vec<Thread>,
    /// The connections of its clients: the accepted ones in the order of their descriptors, then
    /// those that the system has completed and the program has not accepted.
    pub connections: Vec<Connection>,
    /// Whether it runs Python, where `join`, events and queues are made of locks.
    pub is_python: bool,
    /// Whether it serves its clients in callbacks: JavaScript, Tcl, or Python whose first thread polls.
    pub has_event_loop: bool,
}

/// A thread and where it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The system's number of the thread; no two living threads have the same.
    pub id: u32,
    /// `main`, the thread's own name, or `unnamed N`. The system keeps 15 bytes of a name.
    pub name: String,
    /// Whose it is. The ctrlc crate names its thread `ctrl-c`, and so does this kit with its own.
    pub owner: Owner,
    /// Where it stood.
    pub place: Place,
    /// When it will wake up by itself. The wake-ups of a runtime's own thread do not count, and neither does the timeout
    /// of a socket where [it is not seen](socket_timeout).
    pub wakes: Wake,
    /// How often a processor has been given to it: a thread whose number stays the same has not
    /// moved. Always 0 where the system does not count (`CONFIG_SCHED_INFO`).
    pub runs: u64,
}

/// When a thread will wake up by itself, counted from when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something else must wake it.
    Never,
    /// Between these two: a timer counts from the beginning of its call, which lies between two looks.
    In { least: Duration, most: Duration },
    /// At a time that is not known.
    Unknown,
}

impl Wake {
    /// After exactly this time.
    pub(super) fn in_exactly(time: Duration) -> Self {
        Self::In { least: time, most: time }
    }

    /// Whether it may be so early.
    pub fn is_within(self, time: Duration) -> bool {
        match self {
            Self::Never => false,
            Self::In { least, .. } => least <= time,
            Self::Unknown => true,
        }
    }

    /// The time that is left, if it is known well enough to be shown.
    fn left(self) -> Option<Duration> {
        match self {
            Self::In { least, most } if most - least < EXACT => Some(least),
            _ => None,
        }
    }
}

/// Where a thread stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In `accept`.
    Accept,
    /// In a call that reads what this peer sends: `read`, `peek` and so on.
    Read(SocketAddr),
    /// In a call that sends to this peer, which does not read.
    Write(SocketAddr),
    /// Reading standard input.
    Input,
    /// Printing, where nothing reads what is printed.
    Output,
    /// Waiting for a lock. The same lock has the same number, from 1 on.
    ///
    /// Not to be told from it: a `Condvar` that had been notified exactly twice when it was first seen.
    /// In Python, `join`, events and queues are made of locks, too.
    Lock(usize),
    /// In `join`, for the thread with this name.
    Join(String),
    /// Parked until another thread wakes it: a channel, `thread::park`, the end of a scope.
    Parked,
    /// Waiting for a signal.
    Signal,
    /// Waiting for another process to end.
    Process,
    /// In `poll`, `select` or `epoll`: waiting for any of several things.
    Poll,
    /// Asleep.
    Sleep,
    /// Waiting for another thread; for what is not known for sure.
    Waits,
    /// Not waiting, or not in the same place in two samples.
    Running,
    /// In another call.
    Unknown,
}

impl Sample {
    /// Whether no thread is going to move within `time` unless a client or the operator does something, as far as
    /// one sample says: each waits for others or for a later timer, and nothing has arrived that one of them
    /// waits for, or is about to. The connection of `waiting`, a client that waits for the server, must be among those
    /// that are seen.
    ///
    /// One sample can show a thread on its way: this holds once a later sample [stands as](Sample::stands_as)
    /// this one.
    pub fn is_stuck(&self, waiting: Option<SocketAddr>, time: Duration) -> bool {
        let client = |peer| self.connections.iter().find(|one| one.client == peer);
        let is_blocked = |thread: &Thread| match &thread.place {
            Place::Accept => self.connections.iter().all(|one| one.accepted),
            Place::Read(peer) => {
                client(*peer).is_some_and(|one| one.unread == 0 && one.arriving == 0)
            }
            Place::Write(peer) => Some(*peer) != waiting,
            Place::Input
            | Place::Lock(_)
            | Place::Join(_)
            | Place::Parked
            | Place::Signal
            | Place::Process
            // A futex, unless it has a timeout: only another thread wakes it.
            | Place::Waits
            | Place::Sleep => true,
            // It returns at once if anything that it asks for has happened. What has arrived it does not ask for.
            Place::Poll => {
                self.connections.iter().all(|one| one.unread > 0 || one.arriving == 0)
            }
            Place::Output | Place::Running | Place::Unknown => false,
        };
        let is_seen = |waiting| client(waiting).is_some_and(|one| one.unsent == 0);
        // A thread that lives has run at least once, unless the system does not count.
        let counts = self.threads.iter().all(|thread| thread.runs > 0);
        let none_moves =
            self.threads.iter().all(|thread| !thread.wakes.is_within(time) && is_blocked(thread));
        !self.threads.is_empty() && counts && none_moves && waiting.is_none_or(is_seen)
    }

    /// Whether nothing has moved between an earlier sample and this one.
    pub fn stands_as(&self, earlier: &Self) -> bool {
        let seen = |thread: &&Thread| thread.owner != Owner::Ticker;
        let [now, before] = [self, earlier].map(|it| it.threads.iter().filter(seen));
        let stands = |it: &Thread| (it.id, it.runs, it.place.clone());
        now.map(stands).eq(before.map(stands)) && self.connections == earlier.connections
    }

    /// The threads of the program as it was written.
    pub fn own_threads(&self) -> impl Iterator<Item = &Thread> {
        self.threads.iter().filter(|thread| thread.owner == Owner::Program)
    }

    /// Whether a thread stands in a call for this client.
    pub fn stands_for(&self, client: SocketAddr) -> bool {
        let own = [Place::Read(client), Place::Write(client)];
        self.threads.iter().any(|thread| own.contains(&thread.place))
    }

    /// Whether a thread waits for a lock without end: no thread is left that could release it, because all others
    /// wait for new clients, or for each other. In Python it may be an empty queue.
    pub fn is_deadlocked(&self) -> bool {
        let mut own = self.own_threads();
        let waits = |place: &Place| matches!(place, Place::Lock(_) | Place::Accept | Place::Parked);
        self.threads.iter().any(|thread| matches!(thread.place, Place::Lock(_)))
            && own.all(|thread| waits(&thread.place))
            && self.is_stuck(None, Duration::MAX)
    }
}

impl Thread {
    /// A thread that stands here, for tests.
    #[cfg(test)]
    pub fn standing(id: u32, name: &str, place: Place) -> Self {
        let name = name.to_owned();
        Self { id, name, owner: Owner::Program, place, wakes: Wake::Never, runs: 0 }
    }

    /// Where it stands and for how long, in words; `client` gives the name of a peer.
    pub fn words(&self, client: impl Fn(SocketAddr) -> String) -> String {
        let words = self.place_in_words(client);
        match self.wakes.left() {
            Some(left) if self.place == Place::Sleep => {
                format!("{words}, for {:.1} s more", left.as_secs_f64())
            }
            Some(left) => format!("{words} in {:.1} s", left.as_secs_f64()),
            None => words,
        }
    }

    /// Where it stands, in words that stay the same while it stands there.
    pub fn place_in_words(&self, client: impl Fn(SocketAddr) -> String) -> String {
        let mut words = match &self.place {
            Place::Accept => "accept".to_owned(),
            Place::Read(peer) => format!("read, for {}", client(*peer)),
            Place::Write(peer) => format!("write, until {} reads", client(*peer)),
            Place::Input => "standard input".to_owned(),
            Place::Output => "write, to its console".to_owned(),
            Place::Lock(number) => format!("waits for lock {number}"),
            Place::Join(thread) => format!("join, for {thread}"),
            Place::Parked => "parked, until another thread wakes it".to_owned(),
            Place::Signal => "waits for a signal".to_owned(),
            Place::Process => "waits for another process".to_owned(),
            Place::Poll => "poll".to_owned(),
            Place::Sleep => "sleep".to_owned(),
            Place::Waits => "waits".to_owned(),
            Place::Running => "running".to_owned(),
            Place::Unknown => "another call".to_owned(),
        };
        if self.wakes != Wake::Never && self.place != Place::Sleep {
            words += ", with a timeout";
        }
        words
    }

    /// The same, to stand behind the thread's name: "in read, for A".
    pub fn sentence(&self, client: impl Fn(SocketAddr) -> String) -> String {
        self.verb().trim_start_matches("is ").to_owned() + &self.words(client)
    }

    /// What makes a sentence of its name and [where it stands](Self::place_in_words).
    pub fn verb(&self) -> &'static str {
        self.place.verb()
    }
}

impl Place {
    /// What stands between a thread's name and this place in a sentence.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Lock(_) | Self::Signal | Self::Process | Self::Waits => "",
            Self::Parked | Self::Running => "is ",
            _ => "is in ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(4);
    const A: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);
    const B: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 2);

    /// A server with these threads, `main` first, and two clients.
    fn sample(places: &[Place]) -> Sample {
        let thread = |(id, place): (u32, &Place)| Thread {
            runs: 1,
            ..Thread::standing(id, &format!("Thread-{id}"), place.clone())
        };
        let connection =
            |client| Connection { client, accepted: true, unread: 0, arriving: 0, unsent: 0 };
        Sample {
            threads: (1..).zip(places).map(thread).collect(),
            connections: vec![connection(A), connection(B)],
            ..Sample::default()
        }
    }

    #[test]
    fn a_server_whose_threads_all_wait_for_others_is_stuck() {
        let hold = [Place::Accept, Place::Read(A), Place::Lock(1)];
        assert!(sample(&hold).is_stuck(Some(B), LONG));
        // Unread bytes do not matter, as long as no thread is in a call for them.
        let mut unread = sample(&hold);
        unread.connections[1].unread = 17;
        assert!(unread.is_stuck(Some(B), LONG));
        unread.connections[0].unread = 1;
        assert!(!unread.is_stuck(Some(B), LONG), "A's thread is about to read");
        let mut pending = sample(&hold);
        pending.connections[1].accepted = false;
        assert!(!pending.is_stuck(Some(B), LONG), "main is about to accept");
        pending.threads[0].place = Place::Join("Thread-2".to_owned());
        assert!(pending.is_stuck(Some(B), LONG));
        pending.threads[0].place = Place::Waits;
        pending.connections[1].unread = 17;
        assert!(pending.is_stuck(Some(B), LONG), "no message wakes what waits for another thread");
    }

    #[test]
    fn a_server_that_can_go_on_by_itself_is_not() {
        for place in [Place::Running, Place::Unknown, Place::Output] {
            assert!(!sample(&[Place::Accept, place]).is_stuck(None, LONG));
        }
        let mut sleeps = sample(&[Place::Accept, Place::Sleep]);
        for (time, wanted) in [(LONG / 2, false), (LONG, false), (LONG * 2, true)] {
            sleeps.threads[1].wakes = Wake::in_exactly(time);
            assert_eq!(sleeps.is_stuck(Some(B), LONG), wanted, "{time:?}");
            assert!(sleeps.is_stuck(Some(B), time / 2));
        }
        let mut timer = sample(&[Place::Accept, Place::Parked]);
        assert!(timer.is_stuck(Some(B), LONG));
        timer.threads[1].wakes = Wake::Unknown;
        assert!(!timer.is_stuck(Some(B), LONG));
        let mut polls = sample(&[Place::Poll]);
        assert!(polls.is_stuck(Some(B), LONG));
        polls.threads[0].wakes = Wake::Unknown;
        assert!(!polls.is_stuck(Some(B), LONG));
        let mut arriving = sample(&[Place::Accept, Place::Read(A)]);
        arriving.connections[1].arriving = 5;
        assert!(arriving.is_stuck(Some(B), LONG), "no thread reads what B has sent");
        arriving.threads[1].place = Place::Read(B);
        assert!(!arriving.is_stuck(Some(B), LONG), "its request is on its way");
        arriving.threads[1].place = Place::Poll;
        assert!(!arriving.is_stuck(Some(B), LONG), "its request is on its way");
        arriving.connections[1].unread = 17;
        assert!(
            arriving.is_stuck(Some(B), LONG),
            "B's buffer is full, and `poll` does not wait for B"
        );
        let mut on_its_way = sample(&[Place::Accept]);
        on_its_way.connections[1].unsent = 1;
        assert!(!on_its_way.is_stuck(Some(B), LONG), "its reply is on its way");
        on_its_way.connections.clear();
        assert!(!on_its_way.is_stuck(Some(B), LONG), "another process may have accepted it");
        let writes = sample(&[Place::Accept, Place::Write(A)]);
        assert!(writes.is_stuck(Some(B), LONG) && !writes.is_stuck(Some(A), LONG));
        let mut uncounted = sample(&[Place::Accept]);
        uncounted.threads[0].runs = 0;
        assert!(!uncounted.is_stuck(None, LONG), "this system does not count");
    }

    #[test]
    fn a_deadlock_is_a_lock_that_nobody_is_left_to_release() {
        let is_deadlocked = |places: &[Place]| sample(places).is_deadlocked();
        assert!(is_deadlocked(&[Place::Accept, Place::Lock(3)]));
        for other in [Place::Lock(3), Place::Lock(4), Place::Parked] {
            assert!(is_deadlocked(&[Place::Accept, Place::Lock(3), other]));
        }
        assert!(!is_deadlocked(&[Place::Accept]));
        for other in [Place::Read(A), Place::Running, Place::Sleep, Place::Input] {
            assert!(!is_deadlocked(&[Place::Accept, Place::Lock(3), other]));
        }
    }
}
