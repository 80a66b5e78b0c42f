//! What a hand-in may have: so much memory and output, so many processes. What leaves its group, or outlives its parent,
//! is ended too. On Linux; elsewhere only the group of a server is ended.

use std::io;
use std::ops::{Deref, DerefMut};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
#[cfg(target_os = "linux")]
use std::{fs, thread, time::Duration};

use crate::process::program::Program;

/// How much memory all processes of a hand-in may have together, in bytes: a server has a few MiB, a JVM some hundred.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 1024 * 1024 * 1024;

/// How much a process of a hand-in may write, to files, to its output and to its clients, in bytes.
#[cfg(target_os = "linux")]
const MOST_WRITTEN: u64 = 256 * 1024 * 1024;

/// How many processes there may be: one for each client of a scene is fine.
#[cfg(target_os = "linux")]
const MOST_PROCESSES: usize = 300;

/// How often it is looked.
#[cfg(target_os = "linux")]
const INTERVAL: Duration = Duration::from_millis(100);

/// What was exceeded.
static EXCEEDED: Mutex<Option<String>> = Mutex::new(None);

/// The checks and builds of `mark` that run. Held while one is started: what is not among them is an orphan.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A program of `mark`'s own. When it is over, the processes that it has left behind are ended.
#[derive(Debug)]
pub struct Running(Program);

/// Starts such a program. Fails when it cannot be started.
pub fn start(command: &mut Command) -> io::Result<Running> {
    let mut running = lock(&RUNNING);
    let program = Program::start(command)?;
    // The first process of its group is not the program.
    running.extend([program.id(), program.group()]);
    Ok(Running(program))
}

impl Deref for Running {
    type Target = Program;

    fn deref(&self) -> &Program {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Program {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = lock(&RUNNING);
        self.0.end_group();
        let own = [self.0.id(), self.0.group()];
        running.retain(|id| !own.contains(id));
        #[cfg(target_os = "linux")]
        end_orphans(&running);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on everything that descends from this process stays below it, and no other process of the same user can look
/// into its memory or its open files (PR_SET_DUMPABLE(2const)). An administrator's can.
pub fn adopt() {
    #[cfg(target_os = "linux")]
    {
        let _ = nix::sys::prctl::set_child_subreaper(true);
        let _ = nix::sys::prctl::set_dumpable(false);
    }
}

/// Ends what a check has left behind that was itself ended.
#[cfg(target_os = "linux")]
fn end_orphans(running: &[u32]) {
    for _ in 0..100 {
        let mut orphans = children(std::process::id());
        orphans.retain(|child| !running.contains(child));
        if orphans.is_empty() {
            return;
        }
        for orphan in orphans {
            let mut all = vec![orphan];
            add_descendants(orphan, &mut all);
            all.iter().copied().for_each(end_process);
            all.into_iter().for_each(reap);
        }
    }
}

/// As [`adopt`], and what descends from this process is bounded. For a process that checks one hand-in, and nothing else.
#[cfg(target_os = "linux")]
pub fn begin() {
    adopt();
    let watch = || loop {
        thread::sleep(INTERVAL);
        let mut processes = Vec::new();
        add_descendants(std::process::id(), &mut processes);
        let memory: u64 = processes.iter().filter_map(|process| memory(*process)).sum();
        let written = processes.iter().filter_map(|process| written(*process)).max();
        let what = if processes.len() > MOST_PROCESSES {
            format!("started more than {MOST_PROCESSES} processes")
        } else if memory > MOST_MEMORY {
            format!("used more than {} MiB of memory", MOST_MEMORY / 1024 / 1024)
        } else if written > Some(MOST_WRITTEN) {
            format!("written more than {} MiB", MOST_WRITTEN / 1024 / 1024)
        } else {
            continue;
        };
        *lock(&EXCEEDED) = Some(what);
        // The server is waited for by the check.
        crate::threads::descendants().into_iter().for_each(end_process);
    };
    // Without a thread nothing is watched.
    let _ = thread::Builder::new().spawn(watch);
}

/// Elsewhere nothing is bounded.
#[cfg(not(target_os = "linux"))]
pub fn begin() {}

/// Ends all that is left below this process; returns what it has had too much of.
pub fn end() -> Option<String> {
    #[cfg(target_os = "linux")]
    end_descendants();
    lock(&EXCEEDED).take()
}

/// Ends them again and again, as they may start others meanwhile.
#[cfg(target_os = "linux")]
fn end_descendants() {
    for _ in 0..100 {
        let processes = crate::threads::descendants();
        if processes.is_empty() {
            return;
        }
        processes.iter().copied().for_each(end_process);
        processes.into_iter().for_each(reap);
    }
}

#[cfg(target_os = "linux")]
fn end_process(process: u32) {
    let _ = crate::process::groups::signal(process, "KILL");
}

/// Waits for a process that was adopted, if it has ended.
#[cfg(target_os = "linux")]
fn reap(process: u32) {
    use nix::sys::wait::{WaitPidFlag, waitpid};

    if let Ok(process) = i32::try_from(process) {
        let _ = waitpid(nix::unistd::Pid::from_raw(process), Some(WaitPidFlag::WNOHANG));
    }
}

/// The children of a process, as its threads tell (`children` in proc_pid_task(5)). One that has just been started may be
/// missing. It is much cheaper than to read all processes of the machine.
#[cfg(target_os = "linux")]
fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let of_thread = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children"));
    let texts: Vec<String> = threads.flat_map(of_thread).collect();
    texts.iter().flat_map(|text| text.split_whitespace()).flat_map(str::parse).collect()
}

#[cfg(target_os = "linux")]
fn add_descendants(process: u32, found: &mut Vec<u32>) {
    for child in children(process) {
        found.push(child);
        add_descendants(child, found);
    }
}

/// How much of it is in memory, in bytes (`VmRSS` in proc_pid_status(5)).
#[cfg(target_os = "linux")]
fn memory(process: u32) -> Option<u64> {
    let kibibytes = number(process, "status", "VmRSS:");
    Some(kibibytes? * 1024)
}

/// How much it has written, in bytes (`wchar` in proc_pid_io(5)).
#[cfg(target_os = "linux")]
fn written(process: u32) -> Option<u64> {
    number(process, "io", "wchar:")
}

/// A number that the system tells of a process, behind this label.
#[cfg(target_os = "linux")]
fn number(process: u32, file: &str, label: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(label))?;
    value.trim().trim_end_matches(" kB").parse().ok()
}
