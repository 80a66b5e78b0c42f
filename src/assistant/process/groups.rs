//! The process groups that this process has started: they end with it, however it ends.
//!
//! On Unix the first process of each group is a small shell, the watcher. It reads from a pipe that
//! only this process holds, and at the end of its input it kills the group. So when this process is
//! killed, its children are too. The program is born into the watcher's group, so there is no moment
//! in which it is not watched.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// For how long, and how often, a program is started again whose file is taken for one that is being written.
const BUSY_FILE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_FILE_RETRY: Duration = Duration::from_millis(5);

/// The groups that have not been ended.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A program's process group.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) id: u32,
    is_ended: bool,
    /// While it has not been waited for, no other process gets its id.
    watcher: Option<Child>,
}

impl Group {
    /// Starts `command` in a new group. The lock is held, so that after [`end_all`] nothing new can be started.
    pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Self)> {
        let mut running = lock();
        // Without a watcher everything works, except that the group outlives a killed parent.
        let watcher = start_watcher().ok();
        #[cfg(unix)]
        {
            let group = watcher.as_ref().and_then(|watcher| watcher.id().try_into().ok());
            std::os::unix::process::CommandExt::process_group(command, group.unwrap_or(0));
        }
        let child = spawn_when_free(command);
        let id = watcher.as_ref().or(child.as_ref().ok()).map_or(0, Child::id);
        let mut group = Self { id, is_ended: id == 0, watcher };
        running.push(id);
        drop(running);
        child.inspect_err(|_| group.end()).map(|child| (child, group))
    }

    /// Sends the signal with this name to every process of the group; the watcher ignores those that ask for an end.
    pub(super) fn signal(&self, name: &str) -> io::Result<()> {
        if cfg!(not(unix)) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        if self.is_ended {
            return Err(io::Error::other("no process is left"));
        }
        kill(self.id, name)
    }

    /// Kills every process of the group.
    pub(super) fn end(&mut self) {
        lock().retain(|running| *running != self.id);
        if !std::mem::replace(&mut self.is_ended, true) {
            let _ = kill(self.id, "KILL");
        }
        if let Some(mut watcher) = self.watcher.take() {
            let _ = watcher.kill();
            let _ = watcher.wait();
        }
    }
}

/// Kills every group that was started here, and lets no new one start: for a process that is going to end at once.
pub fn end_all() {
    let running = lock();
    for &group in running.iter() {
        let _ = kill(group, "KILL");
    }
    std::mem::forget(running);
}

/// Starts the program, and tries again while the system takes its file for one that is being written.
///
/// That happens to a fresh copy when another thread starts a process just then: until that has
/// become another program, it holds every file that is open here (`ETXTBSY`, execve(2)).
fn spawn_when_free(command: &mut Command) -> io::Result<Child> {
    let deadline = Instant::now() + BUSY_FILE_TIMEOUT;
    loop {
        match command.spawn() {
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy
                    && Instant::now() < deadline =>
            {
                thread::sleep(BUSY_FILE_RETRY);
            }
            spawned => return spawned,
        }
    }
}

/// Sends the signal with this name to one process.
#[cfg(unix)]
pub fn signal(process: u32, name: &str) -> io::Result<()> {
    let (process, signal) = (number(process)?, with_name(name)?);
    Ok(nix::sys::signal::kill(process, signal)?)
}

/// Sends the signal with this name to a group; elsewhere than on Unix every signal is an end by force.
#[cfg(unix)]
fn kill(group: u32, name: &str) -> io::Result<()> {
    let (group, signal) = (number(group)?, with_name(name)?);
    Ok(nix::sys::signal::killpg(group, signal)?)
}

#[cfg(not(unix))]
fn kill(group: u32, _name: &str) -> io::Result<()> {
    let mut taskkill = Command::new("taskkill");
    taskkill.args(["/T", "/F", "/PID", &group.to_string()]);
    let done = taskkill.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if done.success() { Ok(()) } else { Err(io::Error::other("no process is left")) }
}

/// The group of a process, if there is one.
#[cfg(unix)]
pub fn group_of(process: u32) -> Option<u32> {
    let group = nix::unistd::getpgid(Some(number(process).ok()?)).ok()?;
    group.as_raw().try_into().ok()
}

/// Elsewhere than on Unix no process has one.
#[cfg(not(unix))]
pub fn group_of(_process: u32) -> Option<u32> {
    None
}

/// The number of a process or a group as the system takes it. 0 and 1 are none: the system would signal the group of
/// this process, or every process there is.
#[cfg(unix)]
fn number(process: u32) -> io::Result<nix::unistd::Pid> {
    let number = i32::try_from(process).ok().filter(|number| *number > 1);
    number.map(nix::unistd::Pid::from_raw).ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// The signal with this name, such as `INT`.
#[cfg(unix)]
fn with_name(name: &str) -> io::Result<nix::sys::signal::Signal> {
    Ok(format!("SIG{name}").parse()?)
}

#[cfg(unix)]
fn start_watcher() -> io::Result<Child> {
    let mut watcher = Command::new("sh");
    std::os::unix::process::CommandExt::process_group(&mut watcher, 0);
    watcher.args(["-c", "trap '' HUP INT QUIT TERM; read -r nothing; kill -KILL 0"]);
    watcher.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}

#[cfg(not(unix))]
fn start_watcher() -> io::Result<Child> {
    Err(io::ErrorKind::Unsupported.into())
}

fn lock() -> MutexGuard<'static, Vec<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_process_or_no_signal_is_not_sent() {
        // The group of the test itself, every process there is, and no number of a process.
        for process in [0, 1, u32::MAX] {
            assert!(number(process).is_err());
        }
        assert!(with_name("INT").is_ok());
        for name in ["", "2", "int", "SIGINT", "NONE"] {
            assert!(with_name(name).is_err(), "{name}");
        }
    }
}
