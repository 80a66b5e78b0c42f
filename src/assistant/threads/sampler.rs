//! Reads what `/proc` says about a program and everything that it has started.

use std::collections::{HashMap, HashSet};
use std::env;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::Sample;
use crate::process::groups::group_of;
use crate::process::system;
use crate::threads::calls::{Call, Calls, Kind, Timespec};
use crate::threads::interpret::{Memory, ProcessTexts, Texts, ThreadTexts, interpret};
use crate::threads::socket_timeout;
use crate::threads::sockets::Sockets;
use crate::threads::table;

/// How far two samples are apart. One alone can show a thread on its way.
const APART: Duration = Duration::from_millis(50);

/// How often a thread that has moved between two samples is given another one.
const RETRIES: usize = 3;

/// How often it is looked for processes that the program has started: reading all of `/proc` takes as
/// long as several samples.
const SEARCH_INTERVAL: Duration = Duration::from_millis(500);

/// How often a table is read in which the other end of a connection is missing.
const TABLE_LOOKS: usize = 3;

/// How much the system gives in one read, in bytes: a page, and more than any line of what is read here.
const PAGE: usize = 4096;

/// Why nothing can be seen of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Not on this system.
    Unsupported,
    /// Not this program.
    Forbidden,
    /// It has ended.
    Ended,
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => {
                "This system does not say where the threads of a program stand; Linux on x86-64 \
                 and 64-bit ARM does."
            }
            Self::Forbidden => {
                "This system does not let you see where the threads of this program stand: at most \
                 for programs of your own (see ptrace_scope in ptrace(2))."
            }
            Self::Ended => "The program has ended.",
        })
    }
}

/// Takes samples of one program.
///
/// It remembers what it has seen: a thread keeps its name and a lock its number.
#[derive(Debug)]
pub struct Sampler {
    /// The process that was started.
    root: u32,
    processes: Vec<u32>,
    searched: Option<Instant>,
    /// What was read of them last.
    read: Vec<ProcessTexts>,
    memory: Memory,
    sockets: Sockets,
    /// What [`Sampler::look`] has read last.
    last: Texts,
    /// The clients in the last sample.
    clients: Vec<SocketAddr>,
}

impl Sampler {
    /// For the program that runs as this process, and what it has started.
    pub fn new(root: u32) -> Self {
        Self {
            root,
            processes: vec![root],
            searched: None,
            read: Vec::new(),
            memory: Memory::default(),
            sockets: Sockets::default(),
            last: Texts::default(),
            clients: Vec::new(),
        }
    }

    /// The same, where it is known that it was started after this moment: then timers that run since before it was
    /// looked at are known as well.
    pub fn started(mut self, at: Instant) -> Self {
        self.memory.started = Some(at);
        self
    }

    /// A client with this address is connected to the program, which listens at `server`. Others are found as well,
    /// in more time.
    pub fn add_client(&mut self, server: SocketAddr, client: SocketAddr) {
        self.sockets.add_client(server, client);
    }

    /// Where the threads stand now. It takes 50 ms: a place is believed that is the same in two samples
    /// so far apart. What moves is looked at for up to 200 ms, and then called running.
    ///
    /// # Errors
    /// When nothing can be seen.
    pub fn settled(&mut self) -> Result<Sample, Unseen> {
        let calls = calls()?;
        let mut texts = self.read_threads()?;
        let mut moved = HashSet::new();
        for _ in 0..=RETRIES {
            thread::sleep(APART);
            let before = std::mem::replace(&mut texts, self.read_threads()?);
            moved = texts.moved_since(&before);
            if moved.is_empty() {
                break;
            }
        }
        Ok(self.sample(&mut texts, &moved, calls))
    }

    /// Where the threads stand at this moment, in one sample, which may show some on their way. It takes
    /// a few milliseconds.
    ///
    /// # Errors
    /// When nothing can be seen.
    pub fn glance(&mut self) -> Result<Sample, Unseen> {
        let calls = calls()?;
        let mut texts = self.read_threads()?;
        Ok(self.sample(&mut texts, &HashSet::new(), calls))
    }

    /// The same, if no thread runs or may wake up by itself within this time. Otherwise the connections are not
    /// read, which takes longest.
    ///
    /// # Errors
    /// When nothing can be seen.
    pub fn glance_at_rest(&mut self, time: Duration) -> Result<Option<Sample>, Unseen> {
        let calls = calls()?;
        let mut texts = self.read_threads()?;
        if texts.go_on(calls, &self.memory, time) {
            return Ok(None);
        }
        Ok(Some(self.sample(&mut texts, &HashSet::new(), calls)))
    }

    /// Looks for new processes at the next sample, however soon that is.
    pub fn search_again(&mut self) {
        self.searched = None;
    }

    /// Where the threads have stood since the last look: each in the place where it also stood then, or
    /// else running. It takes a few milliseconds, and
    /// believes nothing at the first look.
    ///
    /// # Errors
    /// When nothing can be seen.
    pub fn look(&mut self) -> Result<Sample, Unseen> {
        let calls = calls()?;
        let mut texts = self.read_threads()?;
        let moved = texts.moved_since(&self.last);
        let sample = self.sample(&mut texts, &moved, calls);
        self.last = texts;
        Ok(sample)
    }

    /// Reads the connections as well, and says where the threads stand.
    fn sample(&mut self, texts: &mut Texts, moved: &HashSet<u32>, calls: Calls) -> Sample {
        self.read_connections(texts);
        let mut sample = interpret(texts, moved, calls, &mut self.memory);
        let has = |client| sample.connections.iter().any(|it| it.client == client);
        // The system gives the table page by page, and skips a line if one before it goes meanwhile.
        if !self.clients.iter().all(|client| has(*client)) {
            self.read_connections(texts);
            sample = interpret(texts, moved, calls, &mut self.memory);
        }
        self.clients = sample.connections.iter().map(|it| it.client).collect();
        sample
    }

    /// Reads the connections: of the sockets that are known, or the tables.
    pub(super) fn read_connections(&mut self, texts: &mut Texts) {
        let Some(process) = texts.processes.first().map(|it| folder(it.id)) else { return };
        let rows = shares_network(&process).then(|| self.sockets.look(&texts.sockets()));
        if let Some(rows) = rows.flatten() {
            return texts.add_connections(rows);
        }
        for _ in 0..TABLE_LOOKS {
            // The system goes through all that it has for each of them.
            for name in ["tcp", "tcp6"] {
                texts.add_connections(table::rows(&process.join("net").join(name)));
                if texts.has_all_sockets() {
                    break;
                }
            }
            // It gives a table page by page, and skips lines when others go meanwhile.
            if texts.has_both_ends() {
                break;
            }
        }
    }

    /// Reads everything but the connections.
    pub(super) fn read_threads(&mut self) -> Result<Texts, Unseen> {
        if self.searched.is_none_or(|at| at.elapsed() > SEARCH_INTERVAL) {
            self.processes = family(&relations(), self.root, std::process::id());
            self.searched = Some(Instant::now());
            // Other threads may have changed what is not read again of one that rests: its name.
            self.read.clear();
        }
        let mut texts = texts_of_now();
        for &id in &self.processes {
            let before = self.read.iter().find(|process| process.id == id);
            // A process may end at any moment, and takes its files with it.
            match process(id, before) {
                Ok(process) => texts.processes.push(process),
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    return Err(Unseen::Forbidden);
                }
                Err(_) => self.searched = None,
            }
        }
        self.read.clone_from(&texts.processes);
        self.memory.note_calls(&texts);
        if texts.processes.is_empty() { Err(why_nothing()) } else { Ok(texts) }
    }
}

/// Nothing that was read yet, and what the clocks show.
fn texts_of_now() -> Texts {
    let real_time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
    Texts { at: Some(Instant::now()), real_time, monotonic: monotonic(), ..Texts::default() }
}

/// What the clock shows that timers without a time of day go by.
#[cfg(target_os = "linux")]
fn monotonic() -> Option<Duration> {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_MONOTONIC).ok().map(Duration::from)
}

/// Elsewhere there are no threads to be seen.
#[cfg(not(target_os = "linux"))]
fn monotonic() -> Option<Duration> {
    None
}

/// Whether a process sees the same network as this one: a command line can give it another one (ip-netns(8)).
fn shares_network(process: &Path) -> bool {
    let network = |process: &Path| fs::read_link(process.join("ns/net")).ok();
    network(process) == network(Path::new("/proc/self"))
}

/// Why a process has no threads to be seen: its end, or a system that has no such files.
fn why_nothing() -> Unseen {
    let task = format!("/proc/self/task/{}/syscall", std::process::id());
    if Path::new(&task).exists() { Unseen::Ended } else { Unseen::Unsupported }
}

/// The numbers of the system's calls, where it says in which one a thread is.
fn calls() -> Result<Calls, Unseen> {
    let calls = system::proc().and_then(|_| Calls::of(env::consts::ARCH));
    calls.ok_or(Unseen::Unsupported)
}

pub(super) fn folder(process: u32) -> PathBuf {
    Path::new("/proc").join(process.to_string())
}

/// The entries of a folder whose names are numbers, in order.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u32>> {
    let entries = fs::read_dir(folder)?;
    let mut numbers: Vec<u32> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok()).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// A process, its parent, and its process group.
pub(super) type Relation = (u32, u32, u32);

/// All processes there are. What was known of one is read again only if it has changed its group: so the parent may be
/// one that has ended.
pub(super) fn relations() -> Vec<Relation> {
    static KNOWN: Mutex<Vec<Relation>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = numbers(Path::new("/proc")).unwrap_or_default();
    let known_or_read = |id| {
        // Both are in order.
        let before = known.binary_search_by_key(&id, |(id, ..)| *id).ok().map(|place| known[place]);
        if let Some(before) = before.filter(|(.., group)| group_of(id) == Some(*group)) {
            return Some(before);
        }
        relation(id)
    };
    let relations: Vec<Relation> = all.into_iter().filter_map(known_or_read).collect();
    known.clone_from(&relations);
    relations
}

/// All processes there are, as they are now.
pub(super) fn relations_now() -> Vec<Relation> {
    numbers(Path::new("/proc")).unwrap_or_default().into_iter().filter_map(relation).collect()
}

fn relation(process: u32) -> Option<Relation> {
    let (parent, group) = parent_and_group(&read(&folder(process), "stat").ok()?)?;
    Some((process, parent, group))
}

/// The processes that descend from `root`, and those of its process group that have lost their parent;
/// `root` first. The group does not count if it is that of `own`, this process, and neither do other
/// children of this process.
pub(super) fn family(relations: &[Relation], root: u32, own: u32) -> Vec<u32> {
    let group_of =
        |process| relations.iter().find(|(id, ..)| *id == process).map(|(.., group)| *group);
    let group = group_of(root).filter(|group| group_of(own) != Some(*group));
    let mut family = vec![root];
    loop {
        let before = family.len();
        for &(id, parent, of) in relations {
            let belongs = family.contains(&parent) || (group == Some(of) && parent != own);
            if belongs && !family.contains(&id) {
                family.push(id);
            }
        }
        if family.len() == before {
            return family;
        }
    }
}

/// The fourth and the fifth field of `/proc/PID/stat`; the second, a name in brackets, may contain anything.
fn parent_and_group(stat: &str) -> Option<(u32, u32)> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(1);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Reads what there is of a process. `before` is what was read last: what only its threads can change is as it was,
/// if none of them has run since.
fn process(id: u32, before: Option<&ProcessTexts>) -> io::Result<ProcessTexts> {
    let folder = folder(id);
    let known = before.iter().flat_map(|process| &process.threads);
    let known: HashMap<u32, &ThreadTexts> = known.map(|thread| (thread.id, thread)).collect();
    let mut threads = Vec::new();
    let mut rested = 0;
    for thread in oldest_first(numbers(&folder.join("task"))?, id) {
        let before = known.get(&thread).copied();
        match thread_texts(id, thread, before) {
            Ok((texts, has_rested)) => {
                threads.push(texts);
                rested += usize::from(has_rested);
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(error),
            Err(_) => {} // it has ended
        }
    }
    if threads.is_empty() {
        return Err(ErrorKind::NotFound.into());
    }
    let have_rested = [rested, known.len()] == [threads.len(); 2];
    if let Some(ProcessTexts { executable, descriptors, .. }) = before.filter(|_| have_rested) {
        let (executable, descriptors) = (executable.clone(), descriptors.clone());
        return Ok(ProcessTexts { id, executable, threads, descriptors });
    }
    let descriptors = folder.join("fd");
    let link = |number: &u32| {
        let link = fs::read_link(descriptors.join(number.to_string())).ok()?;
        Some((u64::from(*number), link.to_str()?.to_owned()))
    };
    let descriptors = numbers(&descriptors)?.iter().filter_map(link).collect();
    // A process that has ended and has not been waited for has threads, but runs no file any more.
    let executable = fs::read_link(folder.join("exe"))?.to_string_lossy().into_owned();
    Ok(ProcessTexts { id, executable, threads, descriptors })
}

/// The threads of a process in the order in which they were started, `main` first. The system gives out
/// rising numbers, and begins anew after the largest one.
fn oldest_first(mut threads: Vec<u32>, main: u32) -> Vec<u32> {
    threads.sort_unstable_by_key(|thread| thread.wrapping_sub(main));
    threads
}

/// Reads what there is of a thread of a process, and says whether it has not run since `before`.
fn thread_texts(
    process: u32,
    id: u32,
    before: Option<&ThreadTexts>,
) -> io::Result<(ThreadTexts, bool)> {
    let folder = &folder(process).join("task").join(id.to_string());
    // First: if it runs from now on, this is another one the next time. It is not on every system, and not needed.
    let schedstat = read(folder, "schedstat").unwrap_or_default();
    let syscall = read(folder, "syscall")?;
    let rested = before.filter(|before| before.rests_until(&schedstat));
    let comm = rested.map_or_else(|| read(folder, "comm"), |before| Ok(before.comm.clone()))?;
    let (timespec, socket_timeout) = match rested {
        Some(before) => (before.timespec, before.socket_timeout),
        None => timeouts(process, &syscall),
    };
    let texts = ThreadTexts { id, comm, syscall, timespec, socket_timeout, schedstat };
    Ok((texts, rested.is_some()))
}

/// What a call was told about giving up, and what the socket was told that it waits in.
fn timeouts(process: u32, syscall: &str) -> (Option<Timespec>, Option<Duration>) {
    let (Ok(call), Ok(calls)) = (syscall.parse::<Call>(), calls()) else { return (None, None) };
    let of_socket = match (call, calls.find(&call, None)) {
        (Call::In { arguments: [descriptor, ..], .. }, Some((kind, _))) => match kind {
            Kind::Accept | Kind::Read => socket_timeout::of(process, descriptor, false),
            Kind::Write => socket_timeout::of(process, descriptor, true),
            _ => None,
        },
        _ => None,
    };
    (timespec(process, calls, call), of_socket)
}

/// Reads the time that a call was told to give up at, from the memory of its process. Who may see the call may read
/// that as well (proc_pid_mem(5)).
fn timespec(process: u32, calls: Calls, call: Call) -> Option<Timespec> {
    let address = calls.timespec_of(&call)?;
    let mut memory = fs::File::open(folder(process).join("mem")).ok()?;
    memory.seek(SeekFrom::Start(address)).ok()?;
    let mut words = [[0; 8]; 2];
    memory.read_exact(words.as_flattened_mut()).ok()?;
    Some(words.map(u64::from_ne_bytes))
}

/// Reads a file of one line, in one call. It may contain any bytes: a thread chooses its name.
pub(super) fn read(folder: &Path, file: &str) -> io::Result<String> {
    let mut line = [0; PAGE];
    let length = fs::File::open(folder.join(file))?.read(&mut line)?;
    Ok(String::from_utf8_lossy(&line[..length]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_not_there_has_ended_or_cannot_be_seen() {
        // Numbers of processes are below 2^22 (proc_sys_kernel(5)).
        let outcome = Sampler::new(u32::MAX).settled();
        let unseen = if cfg!(target_os = "linux") { Unseen::Ended } else { Unseen::Unsupported };
        assert_eq!(outcome, Err(unseen));
    }

    #[test]
    fn a_program_is_what_descends_from_it_or_is_left_in_its_group() {
        // This process, a watcher, the program, its child, a child's child, an orphan of its group, others.
        let relations = [
            (5, 1, 5),
            (6, 5, 6),
            (7, 5, 6),
            (8, 7, 6),
            (4, 8, 4),
            (9, 1, 6),
            (2, 1, 2),
            (3, 5, 5),
        ];
        assert_eq!(family(&relations, 7, 5), [7, 8, 4, 9]);
        assert_eq!(family(&relations, 3, 5), [3], "its group is that of this process");
        assert_eq!(family(&relations, 99, 5), [99]);
    }

    #[test]
    fn main_is_first_although_numbers_have_begun_anew() {
        assert_eq!(oldest_first(vec![7, 9, 32_000, 32_005], 32_000), [32_000, 32_005, 7, 9]);
    }

    #[test]
    fn a_name_may_contain_anything() {
        assert_eq!(parent_and_group("7 (a) S 1 (b)) S 5 6 7 8\n"), Some((5, 6)));
        assert_eq!(parent_and_group("7 (a) S"), None);
    }
}

#[cfg(all(test, target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::process::Command;

    use crate::process::program::Program;
    use crate::threads::calls::Timer;

    #[test]
    fn what_a_process_has_opened_is_seen_as_soon_as_it_waits_again() {
        let line = "read first; exec 7</dev/null; read second";
        let mut program = Program::start(Command::new("sh").args(["-c", line])).unwrap();
        let thread = folder(program.id());
        // Waits until it stands in `read` and has run more often than this; returns how often.
        let wait = |more_than: u64| {
            let deadline = Instant::now() + Duration::from_secs(60);
            loop {
                let call = read(&thread, "syscall").unwrap().parse().unwrap();
                let runs = read(&thread, "schedstat").unwrap();
                let runs = runs.split_whitespace().nth(2).unwrap().parse().unwrap();
                let stands = calls().unwrap().find(&call, None) == Some((Kind::Read, Timer::Never));
                if stands && runs > more_than {
                    return runs;
                }
                assert!(Instant::now() < deadline);
                thread::yield_now();
            }
        };
        let mut sampler = Sampler::new(program.id());
        let mut look = || {
            let texts = sampler.read_threads().unwrap();
            texts.processes[0].descriptors.iter().any(|(number, _)| *number == 7)
        };
        let runs = wait(0);
        assert!(!look() && !look());
        program.type_bytes(b"\n").unwrap();
        wait(runs);
        assert!(look());
    }
}
