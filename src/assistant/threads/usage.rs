//! How many threads a program has, and how much memory: `/proc/PID/status` (proc(5)).

use std::time::{Duration, Instant};

use crate::process::system;
use crate::threads::sampler::{family, folder, numbers, read, relations};

/// How often it is looked for processes that the program has started.
const SEARCH_INTERVAL: Duration = Duration::from_millis(500);

/// Among how many of a program's first threads those are looked for that wait for Ctrl-C.
const FIRST: usize = 4;

/// The most that a program took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Threads.
    pub threads: usize,
    /// Resident memory, in KiB.
    pub resident_kib: u64,
}

/// Reads what a program and everything that it has started take.
#[derive(Debug)]
pub struct Meter {
    root: u32,
    processes: Vec<u32>,
    searched: Instant,
    most: Option<Usage>,
}

impl Meter {
    /// For the program that runs as this process.
    pub fn new(root: u32) -> Self {
        Self { root, processes: processes(root), searched: Instant::now(), most: None }
    }

    /// Looks what the program takes now, without its threads that wait for Ctrl-C. Returns the most that it took
    /// so far; nothing where the system does not say so.
    pub fn look(&mut self) -> Option<Usage> {
        system::proc()?;
        if self.searched.elapsed() > SEARCH_INTERVAL {
            *self = Self { most: self.most, ..Self::new(self.root) };
        }
        let status = |id: &u32| {
            let (threads, memory) = threads_and_memory(&read(&folder(*id), "status").ok()?)?;
            Some((threads.saturating_sub(threads_for_ctrl_c(*id)), memory))
        };
        let all = self.processes.iter().filter_map(status);
        let (threads, memory) = all.reduce(|sum, one| (sum.0 + one.0, sum.1 + one.1))?;
        let most = self.most.get_or_insert_default();
        most.threads = most.threads.max(threads);
        most.resident_kib = most.resident_kib.max(memory);
        self.most
    }

    /// The most that it took whenever it was looked at.
    pub fn most(&self) -> Option<Usage> {
        self.most
    }
}

/// The kit and the crate ctrlc name these threads alike. They are among the first of a program, and reading
/// the names of all would take longer than the rest.
fn threads_for_ctrl_c(process: u32) -> usize {
    let tasks = folder(process).join("task");
    let threads = numbers(&tasks).unwrap_or_default();
    let name = |id: &u32| read(&tasks.join(id.to_string()), "comm").unwrap_or_default();
    threads.iter().take(FIRST).filter(|id| name(id).trim_end() == "ctrl-c").count()
}

/// The program's processes, but for a shell that has only started the others.
fn processes(root: u32) -> Vec<u32> {
    let mut family = family(&relations(), root, std::process::id());
    let is_shell = read(&folder(root), "comm").is_ok_and(|name| name.trim_end() == "sh");
    if family.len() > 1 && is_shell {
        family.remove(0);
    }
    family
}

fn threads_and_memory(status: &str) -> Option<(usize, u64)> {
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()
    };
    Some((number("Threads:")?.parse().ok()?, number("VmRSS:")?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read() {
        let status = "Name:\tx\nVmHWM:\t    9000 kB\nVmRSS:\t    2372 kB\nThreads:\t7\n";
        assert_eq!(threads_and_memory(status), Some((7, 2372)));
        // So it is of a process that has ended.
        assert_eq!(threads_and_memory("Name:\tx\nThreads:\t1\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_program_has_threads_and_memory() {
        let usage = Meter::new(std::process::id()).look();
        assert!(usage.is_some_and(|it| it.threads > 0 && it.resident_kib > 100), "{usage:?}");
    }
}
