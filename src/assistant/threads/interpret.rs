//! From the texts in `/proc` to the places of threads.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use socketlab::printable;

use super::{Place, Sample, Thread, Wake};
use crate::threads::calls::{Call, Calls, Clock, Kind, Timer, Timespec};
use crate::threads::connections::Row;
use crate::threads::runtimes::{Owner, has_event_loop, is_java, is_python, owner};

/// The name of threads that wait for Ctrl-C.
const CTRL_C: &str = "ctrl-c";

// How threads wait in a futex (futex(2)): the operation, `FUTEX_WAIT_BITSET` or `FUTEX_WAIT`, private
// unless it is shared with other processes, and with which clock.
const WAIT_PRIVATE: u64 = 0x80;
const WAIT_BITSET_PRIVATE: u64 = 0x89;
const WAIT_BITSET_REALTIME: u64 = 0x109;
const WAIT_BITSET_PRIVATE_REALTIME: u64 = 0x189;

/// A mutex that is locked and waited for: std's `sys/sync/mutex/futex.rs`, glibc's `lowlevellock.h`.
const CONTENDED: u64 = 2;

/// An `RwLock` that is locked for writing and that readers wait for: std's `sys/sync/rwlock/futex.rs`.
const WRITE_LOCKED: u64 = 0x7fff_ffff;

/// A thread that is parked: std's `sys/sync/thread_parking/futex.rs`.
const PARKED: u64 = 0xffff_ffff;

/// What was read of a program, unchanged.
#[derive(Debug, Default)]
pub struct Texts {
    /// When the reading began.
    pub at: Option<Instant>,
    /// What the clock for the time of day showed then, since 1970.
    pub real_time: Option<Duration>,
    /// What the other one showed.
    pub monotonic: Option<Duration>,
    /// Its processes, the oldest first.
    pub processes: Vec<ProcessTexts>,
    /// What the system says of the program's TCP sockets, and perhaps of others.
    pub connections: Vec<Row>,
}

/// What was read of a process.
#[derive(Debug, Default, Clone)]
pub struct ProcessTexts {
    pub id: u32,
    /// The file that it runs.
    pub executable: String,
    /// Its threads, the oldest first.
    pub threads: Vec<ThreadTexts>,
    /// Its descriptors, and what they are: `socket:[64214]`.
    pub descriptors: Vec<(u64, String)>,
}

/// What was read of a thread, from the files of these names.
#[derive(Debug, Default, Clone)]
pub struct ThreadTexts {
    pub id: u32,
    pub comm: String,
    pub syscall: String,
    /// What stands where the call was told that its timeout stands.
    pub timespec: Option<Timespec>,
    /// The timeout of the socket in which it waits.
    pub socket_timeout: Option<Duration>,
    pub schedstat: String,
}

impl ProcessTexts {
    /// Whose this thread is.
    fn owner(&self, thread: &ThreadTexts) -> Owner {
        let is_first = thread.id == self.id;
        match owner(&self.executable, thread.comm.trim_end(), is_first) {
            Owner::Program if is_for_ctrl_c(thread) => Owner::Helper,
            Owner::Program if !is_first && is_ocamls_tick(thread) => Owner::Ticker,
            owner => owner,
        }
    }

    /// Whether a thread of it waits for another process to end.
    fn waits_for_another(&self, calls: Calls) -> bool {
        self.threads.iter().any(|thread| {
            let call = thread.syscall.parse::<Call>();
            call.is_ok_and(|call| {
                calls.find(&call, None).is_some_and(|(kind, _)| kind == Kind::Process)
            })
        })
    }

    /// The descriptors that are sockets, and the sockets' numbers.
    fn sockets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.descriptors.iter().filter_map(|(number, link)| {
            let inode = link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()?;
            Some((*number, inode))
        })
    }
}

impl ThreadTexts {
    /// What the thread waits for in this call, and when the call gives up.
    fn find(&self, call: &Call, calls: Calls) -> Option<(Kind, Timer)> {
        let (kind, timer) = calls.find(call, self.timespec)?;
        Some((kind, self.socket_timeout.map_or(timer, Timer::After)))
    }

    /// Whether it had not run from when this was read, `schedstat` before `syscall`, until `schedstat` was read again.
    pub fn rests_until(&self, schedstat: &str) -> bool {
        let was_blocked = matches!(self.syscall.parse(), Ok(Call::In { .. }));
        was_blocked && runs(schedstat) > 0 && runs(schedstat) == runs(&self.schedstat)
    }
}

impl Texts {
    /// Takes over what was read later; the same connection is not there twice.
    pub fn add_connections(&mut self, rows: Vec<Row>) {
        let ends = |row: &Row| (row.local, row.peer);
        let later: HashSet<_> = rows.iter().map(ends).collect();
        self.connections.retain(|row| !later.contains(&ends(row)));
        self.connections.extend(rows);
    }

    /// The numbers of every socket of every process.
    pub fn sockets(&self) -> HashSet<u64> {
        let sockets = self.processes.iter().flat_map(ProcessTexts::sockets);
        sockets.map(|(_, inode)| inode).collect()
    }

    /// Whether the connections contain all of them.
    pub fn has_all_sockets(&self) -> bool {
        let known: HashSet<u64> = self.connections.iter().map(|row| row.inode).collect();
        self.sockets().is_subset(&known)
    }

    /// Whether the connections from this machine are there with their clients' ends, which say what is on its way.
    pub fn has_both_ends(&self) -> bool {
        let ends: HashSet<_> = self.connections.iter().map(|row| (row.local, row.peer)).collect();
        let sockets = self.sockets();
        let own = self.connections.iter().filter(|row| sockets.contains(&row.inode));
        let mut local = own.filter(|row| !row.is_listening() && row.peer.ip().is_loopback());
        local.all(|row| ends.contains(&(row.peer, row.local)))
    }

    /// Whether a thread of the server runs, or may wake up by itself within this time: then nothing is proved,
    /// whatever the connections are.
    pub fn go_on(&self, calls: Calls, memory: &Memory, time: Duration) -> bool {
        // A shell has no sockets. What it runs beside the server does not count.
        let servers = self.processes.iter().filter(|process| process.sockets().next().is_some());
        let mut threads = servers.flat_map(|it| it.threads.iter().map(move |thread| (it, thread)));
        threads.any(|(process, thread)| match thread.syscall.parse() {
            Ok(Call::Running | Call::Outside) => true,
            Ok(call) => thread.find(&call, calls).is_some_and(|(_, timer)| {
                process.owner(thread) != Owner::Ticker
                    && memory.wake(thread, timer, self).is_within(time)
            }),
            Err(_) => false,
        })
    }

    /// The threads that did not stand where they stood before, or were not there.
    pub fn moved_since(&self, before: &Self) -> HashSet<u32> {
        let threads = before.processes.iter().flat_map(|process| &process.threads);
        let before: HashMap<u32, &ThreadTexts> =
            threads.map(|thread| (thread.id, thread)).collect();
        let threads = self.processes.iter().flat_map(|process| &process.threads);
        threads
            .filter(|thread| {
                before.get(&thread.id).is_none_or(|before| {
                    (&before.syscall, &before.comm) != (&thread.syscall, &thread.comm)
                })
            })
            .map(|thread| thread.id)
            .collect()
    }
}

/// What is remembered of a program from one sample to the next, so that a name or a number stays with
/// what it was given to.
#[derive(Debug, Default)]
pub struct Memory {
    /// By thread: what the system called it, and its name.
    names: HashMap<u32, (String, String)>,
    /// How many threads without a name there were.
    unnamed: usize,
    /// The locks that were waited for, by process and address.
    locks: Vec<(u32, u64)>,
    /// Futexes that have had a value that no lock has, by process and address.
    no_locks: HashSet<(u32, u64)>,
    /// The ports that the program has listened on.
    ports: HashSet<u16>,
    /// When it was started, if that is known.
    pub started: Option<Instant>,
    /// When it was looked at last.
    looked: Option<Instant>,
    /// By thread: how often it had run, and between which moments the call began in which it stands.
    calls: HashMap<u32, Began>,
}

/// When a call began.
#[derive(Debug, Clone, Copy)]
struct Began {
    runs: u64,
    /// Nothing, if the program was running before it was looked at.
    earliest: Option<Instant>,
    latest: Instant,
}

/// Says where the threads stand; those in `moved` are taken for running.
pub fn interpret(texts: &Texts, moved: &HashSet<u32>, calls: Calls, memory: &mut Memory) -> Sample {
    let rows = &texts.connections;
    let by_inode: HashMap<u64, Row> =
        rows.iter().filter(|row| row.inode != 0).map(|row| (row.inode, *row)).collect();
    let mut processes: Vec<(&ProcessTexts, Vec<(u64, Row)>)> = texts
        .processes
        .iter()
        .map(|process| {
            let sockets = process.sockets();
            let known = |(number, inode)| Some((number, *by_inode.get(&inode)?));
            (process, sockets.filter_map(known).collect())
        })
        .collect();
    // A shell or another helper that has no socket is not the server.
    if processes.iter().any(|(_, sockets)| !sockets.is_empty()) {
        processes.retain(|(_, sockets)| !sockets.is_empty());
    } else {
        // As long as the server has none, a shell that waits for it is not taken for it.
        processes.retain(|(process, _)| !process.waits_for_another(calls));
    }

    let listeners: Vec<Row> = rows_of(&processes).filter(Row::is_listening).collect();
    memory.ports.extend(listeners.iter().map(|listener| listener.local.port()));
    // The clients' ends are in the table as well.
    let unsent: HashMap<_, u32> = rows
        .iter()
        .filter(|row| row.unsent > 0)
        .map(|row| ((row.local, row.peer), row.unsent))
        .collect();
    let connection = |row: &Row, accepted| {
        let arriving = unsent.get(&(row.peer, row.local)).copied().unwrap_or_default();
        row.connection(accepted, arriving)
    };
    let mut connections = Vec::new();
    let mut seen = HashSet::new();
    for row in rows_of(&processes) {
        let is_client = !row.is_listening() && memory.ports.contains(&row.local.port());
        if is_client && seen.insert(row.inode) {
            connections.push(connection(&row, true));
        }
    }
    let mut waiting: Vec<Row> = rows
        .iter()
        .filter(|row| listeners.iter().any(|listener| row.waits_at(listener)))
        .copied()
        .collect();
    waiting.sort_by_key(|row| row.peer);
    connections.extend(waiting.iter().map(|row| connection(row, false)));

    memory.name(&processes);
    let threads = processes.iter().flat_map(|(process, sockets)| {
        process.threads.iter().map(move |thread| (*process, sockets, thread))
    });
    let threads = threads.map(|(process, sockets, thread)| {
        let (place, timer) = if moved.contains(&thread.id) {
            (Place::Running, Timer::Never)
        } else {
            place(thread, process, sockets, calls, memory)
        };
        let owner = process.owner(thread);
        let wakes = match owner {
            Owner::Ticker => Wake::Never,
            _ => memory.wake(thread, timer, texts),
        };
        let (name, runs) = (memory.name_of(thread.id), runs(&thread.schedstat));
        Thread { id: thread.id, name, owner, place, wakes, runs }
    });
    let is_python = processes.iter().any(|(process, _)| is_python(&process.executable));
    let mut threads: Vec<Thread> = threads.collect();
    // Its other threads, if there are any, wait for work.
    let mut others = threads.iter().skip(1);
    let polls = threads.first().is_some_and(|main| main.place == Place::Poll)
        && others.all(|thread| matches!(thread.place, Place::Lock(_) | Place::Waits));
    let serves = threads.iter().any(|thread| matches!(thread.place, Place::Read(_)));
    let has_event_loop = (is_python && polls && !serves)
        || processes.iter().any(|(process, _)| has_event_loop(&process.executable));
    if is_python && has_event_loop {
        // A thread of asyncio that waits for work; its queue is made of locks.
        let idle = threads.iter_mut().filter(|thread| matches!(thread.place, Place::Lock(_)));
        idle.for_each(|thread| thread.owner = Owner::Helper);
    }
    Sample { threads, connections, is_python, has_event_loop }
}

fn rows_of<'a>(
    processes: &'a [(&ProcessTexts, Vec<(u64, Row)>)],
) -> impl Iterator<Item = Row> + 'a {
    processes.iter().flat_map(|(_, sockets)| sockets).map(|(_, row)| *row)
}

/// Where a thread stands, and when its call gives up.
fn place(
    thread: &ThreadTexts,
    process: &ProcessTexts,
    sockets: &[(u64, Row)],
    calls: Calls,
    memory: &mut Memory,
) -> (Place, Timer) {
    let Ok(call) = thread.syscall.parse::<Call>() else { return (Place::Unknown, Timer::Never) };
    let Call::In { arguments, .. } = call else { return (Place::Running, Timer::Never) };
    let Some((kind, timer)) = thread.find(&call, calls) else {
        return (Place::Unknown, Timer::Never);
    };
    let descriptor = arguments[0];
    let row = sockets.iter().find(|(number, _)| *number == descriptor).map(|(_, row)| row);
    // A timer that is waited for as a descriptor wakes a thread too.
    let has_timer = process.descriptors.iter().any(|(_, link)| link == "anon_inode:[timerfd]");
    let timer = if kind == Kind::Poll && has_timer { Timer::Unknown } else { timer };
    let place = match (kind, row) {
        (Kind::Accept, _) => Place::Accept,
        (Kind::Read, Some(row)) => Place::Read(row.peer),
        (Kind::Write, Some(row)) => Place::Write(row.peer),
        (Kind::Read, None) if descriptor == 0 => Place::Input,
        (Kind::Write, None) if matches!(descriptor, 1 | 2) => Place::Output,
        // A runtime tells its own threads of signals through a pair of sockets.
        (Kind::Read, None) if process.owner(thread) != Owner::Program => Place::Signal,
        (Kind::Read | Kind::Write, None) => Place::Unknown,
        (Kind::Futex, _) if is_for_ctrl_c(thread) => Place::Signal,
        (Kind::Futex, _) => futex(arguments, timer != Timer::Never, process, memory),
        (Kind::Poll, _) => Place::Poll,
        (Kind::Sleep, _) => Place::Sleep,
        (Kind::Signal, _) => Place::Signal,
        (Kind::Process, _) => Place::Process,
        (Kind::Restarted, _) => Place::Waits,
    };
    (place, timer)
}

/// What a thread waits for in a futex.
fn futex(
    arguments: [u64; 6],
    has_timeout: bool,
    process: &ProcessTexts,
    memory: &mut Memory,
) -> Place {
    let [address, operation, value, ..] = arguments;
    let value = value & 0xffff_ffff; // the argument is an `int`
    let key = (process.id, address);
    match (operation, value) {
        (WAIT_BITSET_PRIVATE | WAIT_PRIVATE, CONTENDED) if !has_timeout => memory.lock(key),
        (WAIT_BITSET_PRIVATE, WRITE_LOCKED) if !has_timeout => memory.lock(key),
        // An `RwLock` that readers and writers wait for has the same value.
        (WAIT_BITSET_PRIVATE, PARKED) if shares_a_futex(address, process) => Place::Waits,
        (WAIT_BITSET_PRIVATE, PARKED) => Place::Parked,
        (WAIT_BITSET_REALTIME, id) if !has_timeout => {
            let joined = process.threads.iter().find(|thread| u64::from(thread.id) == id);
            joined.map_or(Place::Waits, |thread| Place::Join(memory.name_of(thread.id)))
        }
        // A semaphore or a condition variable of glibc: Python's locks are such semaphores.
        (WAIT_BITSET_PRIVATE_REALTIME, 0) if !has_timeout && is_python(&process.executable) => {
            memory.lock(key)
        }
        _ => {
            memory.no_locks.insert(key);
            Place::Waits
        }
    }
}

/// Whether two threads wait at this address or right beside it. A thread that is parked waits alone;
/// the two halves of an `RwLock` stand side by side, 4 bytes each.
fn shares_a_futex(address: u64, process: &ProcessTexts) -> bool {
    let calls = process.threads.iter().filter_map(|thread| thread.syscall.parse().ok());
    let near = calls.filter(
        |call| matches!(call, Call::In { arguments, .. } if arguments[0].abs_diff(address) <= 4),
    );
    near.count() > 1
}

/// Whether a thread is the one that tells OCaml's threads every 50 ms to take turns: it has no name of its own, and
/// waits in `select` for nothing (systhreads' `st_posix.h`).
fn is_ocamls_tick(thread: &ThreadTexts) -> bool {
    let waits_for_nothing = matches!(
        thread.syscall.parse(),
        Ok(Call::In { number: 23 | 72 | 270, arguments: [0, 0, 0, 0, ..] })
    );
    waits_for_nothing && matches!(thread.timespec, Some([0, 50_000 | 50_000_000]))
}

fn is_for_ctrl_c(thread: &ThreadTexts) -> bool {
    thread.comm.trim_end() == CTRL_C
}

/// The third number: how often the thread was given a processor (`Documentation/scheduler/sched-stats`).
fn runs(schedstat: &str) -> u64 {
    schedstat.split_whitespace().nth(2).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Whether a thread has never been given a processor. Where the system does not count, none has not.
fn has_not_begun(thread: &ThreadTexts, process: &ProcessTexts) -> bool {
    runs(&thread.schedstat) == 0 && process.threads.iter().any(|other| runs(&other.schedstat) > 0)
}

impl Memory {
    /// The lock at this address, by its number.
    fn lock(&mut self, key: (u32, u64)) -> Place {
        if self.no_locks.contains(&key) {
            return Place::Waits;
        }
        let known = self.locks.iter().position(|lock| *lock == key);
        let index = known.unwrap_or_else(|| {
            self.locks.push(key);
            self.locks.len() - 1
        });
        Place::Lock(index + 1)
    }

    /// Gives every thread a name, and forgets those that are gone.
    fn name(&mut self, processes: &[(&ProcessTexts, Vec<(u64, Row)>)]) {
        let mut names: HashMap<u32, (String, String)> = HashMap::new();
        let mut taken: HashSet<String> = HashSet::new();
        for (number, (process, _)) in processes.iter().enumerate() {
            let own = process.threads.iter().find(|thread| thread.id == process.id);
            let own = own.map_or("", |thread| thread.comm.trim_end());
            // Java's first thread starts another one for `main`.
            let is_java = is_java(&process.executable);
            let mut without_name = process.threads.iter().filter(|it| it.comm.trim_end() == own);
            let main = without_name.nth(usize::from(is_java)).map_or(process.id, |it| it.id);
            for thread in &process.threads {
                let comm = thread.comm.trim_end();
                let known = self.names.get(&thread.id).filter(|(before, _)| before == comm);
                let name = match known {
                    _ if thread.id == main && number == 0 => "main".to_owned(),
                    _ if thread.id == main => format!("process {}", number + 1),
                    _ if thread.id == process.id => "launcher".to_owned(),
                    Some((_, name)) => name.clone(),
                    // It may still give itself a name, so it is not numbered yet.
                    None if comm == own && has_not_begun(thread, process) => "unnamed".to_owned(),
                    None if comm == own => {
                        self.unnamed += 1;
                        format!("unnamed {}", self.unnamed)
                    }
                    // The program chooses it, and it is shown on a terminal.
                    None => printable(comm).to_string(),
                };
                let again = (2..).map(|number| format!("{name} ({number})"));
                let mut candidates = std::iter::once(name.clone()).chain(again);
                let name = candidates.find(|name| !taken.contains(name)).unwrap_or_default();
                taken.insert(name.clone());
                let known_by = if name == "unnamed" { "" } else { comm };
                names.insert(thread.id, (known_by.to_owned(), name));
            }
        }
        self.names = names;
    }

    fn name_of(&self, thread: u32) -> String {
        self.names.get(&thread).map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// Remembers since when each thread stands where it stands. To be called once for all that was read.
    pub fn note_calls(&mut self, texts: &Texts) {
        let Some(at) = texts.at else { return };
        let threads = texts.processes.iter().flat_map(|process| &process.threads);
        let began = threads.map(|thread| {
            let runs = runs(&thread.schedstat);
            let same = self.calls.get(&thread.id).filter(|began| began.runs == runs && runs > 0);
            let earliest = self.looked.or(self.started);
            let new = Began { runs, earliest, latest: Instant::now() };
            (thread.id, same.copied().unwrap_or(new))
        });
        self.calls = began.collect();
        self.looked = Some(at);
    }

    /// When a thread in a call with this timer will wake up.
    fn wake(&self, thread: &ThreadTexts, timer: Timer, texts: &Texts) -> Wake {
        let at = |clock: Option<Duration>, time: Duration| {
            clock.map_or(Wake::Unknown, |now| Wake::in_exactly(time.saturating_sub(now)))
        };
        match timer {
            Timer::Never => Wake::Never,
            Timer::Unknown => Wake::Unknown,
            Timer::At(Clock::Monotonic, time) => at(texts.monotonic, time),
            Timer::At(Clock::RealTime, time) => at(texts.real_time, time),
            Timer::After(time) => {
                let began = self.calls.get(&thread.id);
                let Some((now, began)) = texts.at.zip(began) else { return Wake::Unknown };
                let left = |since| time.saturating_sub(now.saturating_duration_since(since));
                // A thread that has not moved since before the program was looked at.
                began.earliest.map_or(Wake::Unknown, |earliest| Wake::In {
                    least: left(earliest),
                    most: left(began.latest),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::threads::table::parse;

    /// Lab 07 with its lock held too long, on x86-64: its client A is in mid-conversation, B waits for
    /// the lock, C has come this moment. Five bytes of A's are on their way.
    const CONNECTIONS: &str = "sl
0: 0100007F:3039 00000000:0000 0A 00000000:00000001 00:00000000 00000000 0 0 100 1 0
1: 0100007F:3039 0100007F:C3C0 01 00000000:00000000 00:00000000 00000000 0 0 101 1 0
2: 0100007F:3039 0100007F:C3C2 01 00000000:00000011 00:00000000 00000000 0 0 102 1 0
3: 0100007F:3039 0100007F:C3C4 01 00000000:00000000 00:00000000 00000000 0 0 0 1 0
4: 0100007F:C3C0 0100007F:3039 01 00000005:00000000 00:00000000 00000000 0 0 201 1 0
";

    const LOCK: &str = "202 0x55d0 0x89 0x2 0x0 0x0 0xffffffff 0x7f 0x7f";

    fn thread(id: u32, comm: &str, syscall: &str) -> ThreadTexts {
        let (comm, syscall) = (format!("{comm}\n"), format!("{syscall}\n"));
        ThreadTexts {
            id,
            comm,
            syscall,
            timespec: None,
            socket_timeout: None,
            schedstat: "5000 70 3\n".to_owned(),
        }
    }

    fn texts(threads: Vec<ThreadTexts>) -> Texts {
        let links =
            ["/dev/pts/0", "pipe:[7]", "pipe:[8]", "socket:[100]", "socket:[101]", "socket:[102]"];
        let descriptors = (0..).zip(links.map(str::to_owned)).collect();
        let executable = "/tmp/07_locked_reverse_server".to_owned();
        let server = ProcessTexts { id: 10, executable, threads, descriptors };
        let shell = ProcessTexts {
            id: 9,
            threads: vec![thread(9, "sh", "61 0xa 0x7f 0x0 0x0 0x0 0x0 0x7f 0x7f")],
            ..ProcessTexts::default()
        };
        let connections = parse(CONNECTIONS);
        Texts { processes: vec![shell, server], connections, ..Texts::default() }
    }

    fn names_and_places(
        texts: &Texts,
        architecture: &str,
        memory: &mut Memory,
    ) -> Vec<(String, String)> {
        let calls = Calls::of(architecture).unwrap();
        let sample = interpret(texts, &HashSet::new(), calls, memory);
        let port = |peer: std::net::SocketAddr| peer.port().to_string();
        sample.threads.iter().map(|one| (one.name.clone(), one.words(port))).collect()
    }

    fn places(texts: &Texts, architecture: &str) -> Vec<(String, String)> {
        names_and_places(texts, architecture, &mut Memory::default())
    }

    #[track_caller]
    fn assert_places(found: &[(String, String)], wanted: &[(&str, &str)]) {
        let found: Vec<_> = found.iter().map(|(name, place)| (&**name, &**place)).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn what_is_read_again_is_there_once_as_it_is_now() {
        let mut texts = texts(vec![thread(10, "main", LOCK)]);
        let before = texts.connections.len();
        // C is accepted now, and another one has come.
        texts.add_connections(parse(
            "3: 0100007F:3039 0100007F:C3C4 01 00000000:00000000 00:00000000 00000000 0 0 103 1 0
4: 0100007F:3039 0100007F:C3C6 01 00000000:00000000 00:00000000 00000000 0 0 0 1 0",
        ));
        assert_eq!(texts.connections.len(), before + 1);
        assert!(texts.connections.iter().any(|row| row.inode == 103));
    }

    #[test]
    fn a_server_goes_on_while_a_thread_of_it_runs_or_has_a_timer() {
        let calls = Calls::of("x86_64").unwrap();
        let goes_on = |texts: &Texts| texts.go_on(calls, &Memory::default(), Duration::ZERO);
        for (syscall, wanted) in [
            (LOCK, false),
            ("288 0x3 0x7f 0x7f 0x80000 0x0 0x0 0x7f 0x7f", false),
            ("running", true),
            ("-1 0x7f 0x7f", true),
            ("230 0x0 0x0 0x7f 0x7f 0x0 0x0 0x7f 0x7f", true), // clock_nanosleep
            ("7 0x7f 0x2 0xffffffff 0x0 0x0 0x0 0x7f 0x7f", false), // poll, without a timeout
            ("7 0x7f 0x2 0x64 0x0 0x0 0x0 0x7f 0x7f", true),
        ] {
            let mut texts = texts(vec![thread(10, "main", LOCK), thread(11, "Thread-1", syscall)]);
            assert_eq!(goes_on(&texts), wanted, "{syscall}");
            texts.processes[0].threads = vec![thread(9, "sh", "running")];
            assert_eq!(goes_on(&texts), wanted, "a shell is not the server");
        }
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_server_is_told_from_its_shell_and_its_clients_from_others() {
        let texts = texts(vec![
            thread(10, "07_locked_rever", "288 0x3 0x7f 0x7f 0x80000 0x0 0x0 0x7f 0x7f"),
            thread(11, "ctrl-c", "202 0x55 0x189 0x0 0x0 0x0 0xffffffff 0x7f 0x7f"),
            thread(12, "Thread-1", "45 0x4 0x7f 0x400 0x0 0x0 0x0 0x7f 0x7f"),
            thread(13, "Thread-2", LOCK),
            thread(14, "Thread-3", LOCK),
            thread(15, "Thread-4", "running"),
            thread(16, "Thread-5", "-1 0x7f 0x7f"),
            thread(17, "Thread-6", "999 0x0 0x0 0x0 0x0 0x0 0x0 0x7f 0x7f"),
            thread(18, "Thread-7", "what is this"),
        ]);
        let calls = Calls::of("x86_64").unwrap();
        let sample = interpret(&texts, &HashSet::from([15]), calls, &mut Memory::default());
        assert_eq!(sample.threads[1].owner, Owner::Helper);
        assert_eq!(sample.threads[2].owner, Owner::Program);
        assert_eq!(sample.threads[0].runs, 3);
        let wanted = [
            ("main", "accept"),
            ("ctrl-c", "waits for a signal"),
            ("Thread-1", "read, for 50112"),
            ("Thread-2", "waits for lock 1"),
            ("Thread-3", "waits for lock 1"),
            ("Thread-4", "running"),
            ("Thread-5", "running"),
            ("Thread-6", "another call"),
            ("Thread-7", "another call"),
        ];
        assert_places(&places(&texts, "x86_64"), &wanted);
        let connections = sample.connections.iter();
        let connections =
            connections.map(|one| (one.client.port(), one.accepted, one.unread, one.arriving));
        let wanted = [(50_112, true, 0, 5), (50_114, true, 17, 0), (50_116, false, 0, 0)];
        assert_eq!(connections.collect::<Vec<_>>(), wanted);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn another_architecture_has_other_numbers() {
        let texts = texts(vec![
            thread(10, "server", "242 0x3 0xff 0xff 0x80000 0x0 0x0 0xff 0xff"),
            thread(11, "reads", "207 0x4 0xff 0x400 0x0 0x0 0x0 0xff 0xff"),
            thread(12, "writes", "206 0x5 0xff 0x400 0x4000 0x0 0x0 0xff 0xff"),
            thread(13, "asks", "63 0x0 0xff 0x400 0x0 0x0 0x0 0xff 0xff"),
            thread(14, "joins", "98 0xff90 0x109 0xb 0x0 0x0 0xffffffff 0xff 0xff"),
            thread(15, "waits", "98 0xaa00 0x89 0x2 0x0 0x0 0xffffffff 0xff 0xff"),
            thread(16, "sleeps", "115 0x1 0x0 0xff 0xff 0x0 0x0 0xff 0xff"),
            thread(17, "polls", "73 0xff 0x2 0xff 0x0 0x8 0x0 0xff 0xff"),
            thread(18, "prints", "64 0x1 0xff 0x400 0x0 0x0 0x0 0xff 0xff"),
        ]);
        let wanted = [
            ("main", "accept"),
            ("reads", "read, for 50112"),
            ("writes", "write, until 50114 reads"),
            ("asks", "standard input"),
            ("joins", "join, for reads"),
            ("waits", "waits for lock 1"),
            ("sleeps", "sleep"),
            ("polls", "poll, with a timeout"),
            ("prints", "write, to its console"),
        ];
        assert_places(&places(&texts, "aarch64"), &wanted);
    }

    #[test]
    fn what_is_not_sure_is_not_told() {
        let futex = |arguments: &str| format!("202 {arguments} 0x0 0xffffffff 0x7f 0x7f");
        let texts = texts(vec![
            thread(10, "server", &futex("0x10 0x89 0xffffffff 0x0")),
            // A reader and a writer of one `RwLock`: its two halves stand side by side.
            thread(11, "reader", &futex("0x20 0x89 0xffffffff 0x0")),
            thread(12, "writer", &futex("0x24 0x89 0x5 0x0")),
            // `Condvar::wait_timeout` after two wake-ups, and the end of a thread that is gone.
            thread(13, "condvar", &futex("0x30 0x89 0x2 0x7f")),
            thread(14, "joins", &futex("0x40 0x109 0x63 0x0")),
            // glibc's semaphores and condition variables, and Go's own.
            thread(15, "posix", &futex("0x50 0x189 0x0 0x0")),
            thread(16, "go", &futex("0x60 0x80 0x0 0x0")),
        ]);
        let wanted = [
            ("main", "parked, until another thread wakes it"),
            ("reader", "waits"),
            ("writer", "waits"),
            ("condvar", "waits, with a timeout"),
            ("joins", "waits"),
            ("posix", "waits"),
            ("go", "waits"),
        ];
        assert_places(&places(&texts, "x86_64"), &wanted);
    }

    #[test]
    fn a_counter_that_reaches_two_is_not_taken_for_a_lock() {
        let mut memory = Memory::default();
        let counter = |value: u32| {
            let syscall = format!("202 0x55d0 0x89 {value:#x} 0x0 0x0 0xffffffff 0x7f 0x7f");
            texts(vec![thread(10, "server", &syscall)])
        };
        for value in 0..4 {
            let places = names_and_places(&counter(value), "x86_64", &mut memory);
            assert_places(&places, &[("main", "waits")]);
        }
        assert_places(&places(&counter(2), "x86_64"), &[("main", "waits for lock 1")]);
    }

    #[test]
    fn pythons_locks_are_semaphores() {
        let mut texts =
            texts(vec![thread(10, "python3", "202 0x5 0x189 0x0 0x0 0x0 0xffffffff 0x7f 0x7f")]);
        assert_places(&places(&texts, "x86_64"), &[("main", "waits")]);
        texts.processes[1].executable = "/usr/bin/python3.11".to_owned();
        assert_places(&places(&texts, "x86_64"), &[("main", "waits for lock 1")]);
    }

    #[test]
    fn names_and_numbers_stay() {
        let mut memory = Memory::default();
        let running = |names: &[(u32, &str)]| {
            let threads = names.iter().map(|(id, name)| thread(*id, name, "running"));
            let texts = texts(threads.collect());
            let names = names_and_places(&texts, "x86_64", &mut memory).into_iter();
            names.map(|(name, _)| name).collect::<Vec<_>>()
        };
        let mut running = running;
        let first = [(10, "server"), (11, "server"), (12, "server"), (13, "w"), (14, "w")];
        assert_eq!(running(&first), ["main", "unnamed 1", "unnamed 2", "w", "w (2)"]);
        // One has ended, one has given itself a name, one has come.
        let then = [(10, "server"), (12, "server"), (13, "\x1b[2K"), (14, "w"), (15, "server")];
        assert_eq!(running(&then), ["main", "unnamed 2", "\\u{1b}[2K", "w (2)", "unnamed 3"]);
    }

    #[test]
    fn a_thread_that_has_not_run_yet_takes_no_number() {
        let mut memory = Memory::default();
        let begins =
            ThreadTexts { schedstat: "0 0 0\n".to_owned(), ..thread(11, "server", "running") };
        let name_of_second = |second: ThreadTexts, memory: &mut Memory| {
            let texts = texts(vec![thread(10, "server", LOCK), second]);
            names_and_places(&texts, "x86_64", memory)[1].0.clone()
        };
        assert_eq!(name_of_second(begins, &mut memory), "unnamed");
        assert_eq!(name_of_second(thread(11, "server", LOCK), &mut memory), "unnamed 1");
    }

    #[test]
    fn a_thread_rests_while_it_is_blocked_and_gets_no_processor() {
        let rests =
            |syscall: &str, schedstat: &str| thread(10, "a", syscall).rests_until(schedstat);
        assert!(rests(LOCK, "5000 70 3\n"));
        assert!(!rests(LOCK, "5900 70 4\n"));
        assert!(!rests("running", "5000 70 3\n"), "it may have gone on without being interrupted");
        let uncounted = ThreadTexts { schedstat: String::new(), ..thread(10, "a", LOCK) };
        assert!(!uncounted.rests_until(""), "the system does not count");
    }

    #[test]
    fn who_does_not_stand_where_it_stood_has_moved() {
        let before =
            texts(vec![thread(10, "a", LOCK), thread(11, "b", LOCK), thread(12, "c", LOCK)]);
        let now = texts(vec![
            thread(10, "a", LOCK),
            thread(11, "b", "running"),
            thread(12, "d", LOCK),
            thread(13, "e", LOCK),
        ]);
        assert_eq!(now.moved_since(&before), HashSet::from([11, 12, 13]));
    }
}
