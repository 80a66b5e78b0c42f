//! What the system knows about a server beyond its replies: how busy it is, and how many threads it
//! has. Linux tells, in /proc; elsewhere the answer is `None`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::process::system;
use crate::threads::runtimes::{Owner, owner};
use crate::threads::sampler::{folder, relations};

/// How much makes an effort: 100 ms, as a tick is 10 ms (sysconf(3), `_SC_CLK_TCK`). On a busy machine
/// a second has no more.
const MIN_TICKS: u64 = 10;

/// What a tick is on every system that is in use.
const TICK: Duration = Duration::from_millis(10);

/// The names of the shells that may run a server.
const SHELLS: [&str; 3] = ["sh", "dash", "bash"];

/// What a process group has had of the processors.
#[derive(Debug, Clone, Copy, Default)]
pub struct Time {
    /// How long it was on one.
    pub used: Duration,
    /// How long it waited for one that was taken.
    pub waited: Duration,
}

impl Time {
    /// What has come since then.
    pub fn since(self, before: Self) -> Self {
        Self {
            used: self.used.saturating_sub(before.used),
            waited: self.waited.saturating_sub(before.waited),
        }
    }
}

/// What the threads of a process group have had of the processors so far.
pub fn time(group: u32) -> Option<Time> {
    processes(group).map(|processes| of_processes(&processes))
}

fn of_processes(processes: &[PathBuf]) -> Time {
    let mut sum = Time::default();
    // A process may end meanwhile, and so may a thread.
    let tasks = processes.iter().filter_map(|process| fs::read_dir(process.join("task")).ok());
    for time in tasks.flatten().flatten().filter_map(|task| of_thread(&task.path())) {
        sum.used += time.used;
        sum.waited += time.waited;
    }
    sum
}

/// What a thread has had of the processors: the first two numbers, in nanoseconds (the kernel's
/// sched-stats.rst).
fn of_thread(thread: &Path) -> Option<Time> {
    let text = fs::read_to_string(thread.join("schedstat")).ok()?;
    let mut fields = text.split_whitespace().map(|field| field.parse().map(Duration::from_nanos));
    Some(Time { used: fields.next()?.ok()?, waited: fields.next()?.ok()? })
}

/// The processor time that a process group has used, in ticks of the clock (proc(5)), and could not have.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effort {
    /// In the program itself.
    user: u64,
    /// In the system, on its behalf.
    system: u64,
    /// How long its threads have waited for a processor that was taken.
    delayed: Duration,
    /// How long the thread that asks has waited for one.
    own_delay: Duration,
    /// When this was so.
    at: Option<Instant>,
}

impl Effort {
    /// Whether the processor was used all the time since then, and much of it in calls of the system:
    /// a loop around a call that does not wait. A program that computes makes no calls.
    pub fn is_spinning_since(self, before: Self) -> bool {
        let user = self.user.saturating_sub(before.user);
        let system = self.system.saturating_sub(before.system);
        user + system >= MIN_TICKS && system * 5 >= user + system
    }

    /// Whether the processor was used since then almost without a call of the system.
    pub fn is_computing_since(self, before: Self) -> bool {
        let user = self.user.saturating_sub(before.user);
        let system = self.system.saturating_sub(before.system);
        user >= MIN_TICKS / 2 && system * 20 < user
    }

    /// How long its threads and the one that asks have waited for a processor since then. A program that has
    /// used one almost all the time is held up by itself.
    pub fn delayed_since(self, before: Self) -> Duration {
        let time = self.at.zip(before.at).map(|(now, before)| now.duration_since(before));
        let ticks = (self.user + self.system).saturating_sub(before.user + before.system);
        let used = TICK * u32::try_from(ticks).unwrap_or(u32::MAX);
        let own = self.own_delay.saturating_sub(before.own_delay);
        match time {
            Some(time) if used >= time * 4 / 5 => own,
            _ => own + self.delayed.saturating_sub(before.delayed),
        }
    }
}

/// What a process group has used so far.
pub fn effort(group: u32) -> Option<Effort> {
    let processes = processes(group)?;
    let (delayed, own_delay) = (of_processes(&processes).waited, own_delay());
    let mut effort = Effort { delayed, own_delay, at: Some(Instant::now()), ..Effort::default() };
    for thread in processes.iter().flat_map(|process| own_threads(process)) {
        let fields = stat(&thread).unwrap_or_default();
        let ticks =
            |field: usize| fields.get(field).and_then(|text| text.parse().ok()).unwrap_or(0);
        effort.user += ticks(11);
        effort.system += ticks(12);
    }
    Some(effort)
}

/// The folders of a process's threads, without a runtime's own: a JVM compiles beside the program.
fn own_threads(process: &Path) -> Vec<PathBuf> {
    let executable = fs::read_link(process.join("exe")).unwrap_or_default();
    let tasks = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
    let is_own = |thread: &PathBuf| {
        let name = fs::read_to_string(thread.join("comm")).unwrap_or_default();
        owner(&executable.to_string_lossy(), name.trim_end(), false) != Owner::Ticker
    };
    tasks.map(|task| task.path()).filter(is_own).collect()
}

/// How long the thread that asks has waited for a processor so far, where the system tells.
pub fn own_delay() -> Duration {
    let own = system::proc().and_then(|proc| of_thread(&proc.join("thread-self")));
    own.unwrap_or_default().waited
}

/// How many threads a process group has, without the shell that may have started it and the thread
/// that waits for Ctrl-C.
pub fn threads(group: u32) -> Option<usize> {
    let names = processes(group)?.into_iter().flat_map(|process| {
        let tasks = fs::read_dir(process.join("task")).into_iter().flatten();
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok())
    });
    Some(
        names
            .filter(|name| name.trim_end() != "ctrl-c" && !SHELLS.contains(&name.trim_end()))
            .count(),
    )
}

/// Whether a process is known to be a program of its own, and not a shell that runs one.
pub fn is_no_shell(process: u32) -> bool {
    let file = system::proc().map(|proc| proc.join(process.to_string()).join("comm"));
    let name = file.and_then(|file| fs::read_to_string(file).ok());
    name.is_some_and(|name| !SHELLS.contains(&name.trim_end()))
}

/// The folders of the processes of this group.
pub(super) fn processes(group: u32) -> Option<Vec<PathBuf>> {
    system::proc()?;
    let own = |(process, _, of)| (of == group).then(|| folder(process));
    Some(relations().into_iter().filter_map(own).collect())
}

/// The fields of a process or a thread behind its name, which may hold anything: state, parent, group, …
/// (proc(5)).
fn stat(folder: &Path) -> Option<Vec<String>> {
    let stat = fs::read_to_string(folder.join("stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split(' ').map(str::to_owned).collect())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn a_process_has_used_time_and_has_threads() {
        let own = Path::new("/proc/self");
        let group = stat(own).unwrap()[2].parse().unwrap();
        assert!(threads(group) >= Some(1));
        assert!(time(group).unwrap().used > Duration::ZERO);
        assert_eq!(time(u32::MAX).unwrap().used, Duration::ZERO, "no process is in this group");
    }
}
