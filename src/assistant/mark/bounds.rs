//! What a hand-in may have: so much memory and output, so many processes. What leaves its group, or outlives its parent, is ended
//! too. On Linux; elsewhere only the group of a server is ended.

use std::sync::Mutex;
#[cfg(target_os = "linux")]
use std::{fs, thread, time::Duration};

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

/// From now on everything that descends from this process stays below it, and is bounded. For a process that checks one
/// hand-in, and nothing else.
#[cfg(target_os = "linux")]
pub fn begin() {
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let watch = || loop {
        thread::sleep(INTERVAL);
        let mut processes = Vec::new();
        add_children(std::process::id(), &mut processes);
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
        *EXCEEDED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(what);
        end_descendants();
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
    EXCEEDED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
}

/// Ends them again and again, as they may start others meanwhile.
#[cfg(target_os = "linux")]
fn end_descendants() {
    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;

    for _ in 0..100 {
        let processes = crate::threads::descendants();
        if processes.is_empty() {
            return;
        }
        for process in processes.into_iter().filter_map(|process| i32::try_from(process).ok()) {
            let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
            // One that was adopted is waited for here.
            let _ = waitpid(Pid::from_raw(process), Some(WaitPidFlag::WNOHANG));
        }
    }
}

/// Adds what descends from a process, as its threads tell (`children` in proc_pid_task(5)). One that has just been started
/// may be missing. It is much cheaper than to read all processes of the machine.
#[cfg(target_os = "linux")]
fn add_children(process: u32, found: &mut Vec<u32>) {
    for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace().flat_map(str::parse) {
            found.push(child);
            add_children(child, found);
        }
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
