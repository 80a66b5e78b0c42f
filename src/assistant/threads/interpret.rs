//! From the texts in `/proc` to the places of threads.

use std::collections::{HashMap, HashSet};

use super::calls::{Call, Calls, Kind};
use super::connections::Row;
use super::{Place, Sample, Thread};

/// The name that the ctrlc crate gives to its thread.
pub const CTRL_C: &str = "ctrl-c";

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
    /// Its processes, the oldest first.
    pub processes: Vec<ProcessTexts>,
    /// The lines of `/proc/net/tcp`, and of `tcp6` where they are needed.
    pub connections: Vec<Row>,
}

/// What was read of a process.
#[derive(Debug, Default)]
pub struct ProcessTexts {
    pub id: u32,
    /// The file that it runs, if the system says.
    pub executable: String,
    /// Its threads, the oldest first.
    pub threads: Vec<ThreadTexts>,
    /// Its descriptors, and what they are: `socket:[64214]`.
    pub descriptors: Vec<(u64, String)>,
}

/// What was read of a thread, from the files of these names.
#[derive(Debug, Default)]
pub struct ThreadTexts {
    pub id: u32,
    pub comm: String,
    pub syscall: String,
    pub schedstat: String,
}

impl ProcessTexts {
    /// The descriptors that are sockets, and the sockets' numbers.
    fn sockets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.descriptors.iter().filter_map(|(number, link)| {
            let inode = link.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()?;
            Some((*number, inode))
        })
    }
}

impl Texts {
    /// Whether the connections contain every socket of every process.
    pub fn has_all_sockets(&self) -> bool {
        let known: HashSet<u64> = self.connections.iter().map(|row| row.inode).collect();
        let mut sockets = self.processes.iter().flat_map(ProcessTexts::sockets);
        sockets.all(|(_, inode)| known.contains(&inode))
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
    }

    let listeners: Vec<Row> = rows_of(&processes).filter(Row::is_listening).collect();
    memory.ports.extend(listeners.iter().map(|listener| listener.local.port()));
    let mut connections = Vec::new();
    let mut seen = HashSet::new();
    for row in rows_of(&processes) {
        let is_client = !row.is_listening() && memory.ports.contains(&row.local.port());
        if is_client && seen.insert(row.inode) {
            connections.push(row.connection(true));
        }
    }
    let mut waiting: Vec<Row> = rows
        .iter()
        .filter(|row| listeners.iter().any(|listener| row.waits_at(listener)))
        .copied()
        .collect();
    waiting.sort_by_key(|row| row.peer);
    connections.extend(waiting.iter().map(|row| row.connection(false)));

    memory.name(&processes);
    let threads = processes.iter().flat_map(|(process, sockets)| {
        process.threads.iter().map(move |thread| (*process, sockets, thread))
    });
    let threads = threads.map(|(process, sockets, thread)| {
        let (place, has_timeout) = if moved.contains(&thread.id) {
            (Place::Running, false)
        } else {
            place(thread, process, sockets, calls, memory)
        };
        Thread {
            id: thread.id,
            name: memory.name_of(thread.id),
            place,
            has_timeout,
            runs: runs(&thread.schedstat),
        }
    });
    Sample { threads: threads.collect(), connections }
}

fn rows_of<'a>(
    processes: &'a [(&ProcessTexts, Vec<(u64, Row)>)],
) -> impl Iterator<Item = Row> + 'a {
    processes.iter().flat_map(|(_, sockets)| sockets).map(|(_, row)| *row)
}

/// Where a thread stands, and whether it will wake up by itself.
fn place(
    thread: &ThreadTexts,
    process: &ProcessTexts,
    sockets: &[(u64, Row)],
    calls: Calls,
    memory: &mut Memory,
) -> (Place, bool) {
    let Ok(call) = thread.syscall.parse::<Call>() else { return (Place::Unknown, false) };
    let Call::In { arguments, .. } = call else { return (Place::Running, false) };
    let Some((kind, has_timeout)) = calls.find(&call) else { return (Place::Unknown, false) };
    let descriptor = arguments[0];
    let row = sockets.iter().find(|(number, _)| *number == descriptor).map(|(_, row)| row);
    let place = match (kind, row) {
        (Kind::Accept, _) => Place::Accept,
        (Kind::Read, Some(row)) => Place::Read(row.peer),
        (Kind::Write, Some(row)) => Place::Write(row.peer),
        (Kind::Read, None) if descriptor == 0 => Place::Input,
        (Kind::Write, None) if matches!(descriptor, 1 | 2) => Place::Output,
        (Kind::Read | Kind::Write, None) => Place::Unknown,
        (Kind::Futex, _) if thread.comm.trim_end() == CTRL_C => Place::Signal,
        (Kind::Futex, _) => futex(arguments, has_timeout, process, memory),
        (Kind::Poll, _) => Place::Poll,
        (Kind::Sleep, _) => Place::Sleep,
        (Kind::Signal, _) => Place::Signal,
        (Kind::Process, _) => Place::Process,
        (Kind::Restarted, _) => Place::Waits,
    };
    (place, has_timeout)
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
        (WAIT_BITSET_PRIVATE_REALTIME, 0) if !has_timeout && is_python(process) => memory.lock(key),
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

fn is_python(process: &ProcessTexts) -> bool {
    let file = process.executable.rsplit('/').next();
    file.is_some_and(|name| name.starts_with("python"))
}

/// The third number: how often the thread was given a processor (`Documentation/scheduler/sched-stats`).
fn runs(schedstat: &str) -> u64 {
    schedstat.split_whitespace().nth(2).and_then(|number| number.parse().ok()).unwrap_or_default()
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
            for thread in &process.threads {
                let comm = thread.comm.trim_end();
                let known = self.names.get(&thread.id).filter(|(before, _)| before == comm);
                let name = match known {
                    _ if thread.id == process.id && number == 0 => "main".to_owned(),
                    _ if thread.id == process.id => format!("process {}", number + 1),
                    Some((_, name)) => name.clone(),
                    None if comm == own => {
                        self.unnamed += 1;
                        format!("unnamed {}", self.unnamed)
                    }
                    None => comm.to_owned(),
                };
                let again = (2..).map(|number| format!("{name} ({number})"));
                let mut candidates = std::iter::once(name.clone()).chain(again);
                let name = candidates.find(|name| !taken.contains(name)).unwrap_or_default();
                taken.insert(name.clone());
                names.insert(thread.id, (comm.to_owned(), name));
            }
        }
        self.names = names;
    }

    fn name_of(&self, thread: u32) -> String {
        self.names.get(&thread).map(|(_, name)| name.clone()).unwrap_or_default()
    }
}
