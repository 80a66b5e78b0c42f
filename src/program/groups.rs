//! The process groups that this process has started: they end with it, however it ends.
//!
//! On Unix each [`Program`](super::Program) leads a process group of its own. A small shell, the
//! watcher, knows these groups and reads from a pipe that only this process holds. When this process
//! is killed, the pipe ends, and the watcher kills the groups. A program that is killed between its
//! start and the line for the watcher is the one gap.

use std::io;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(unix)]
use std::{io::Write, process::ChildStdin};

/// The groups that have not been ended; a group has the number of its first process.
static GROUPS: Mutex<Groups> = Mutex::new(Groups {
    running: Vec::new(),
    #[cfg(unix)]
    watcher: None,
});

struct Groups {
    running: Vec<u32>,
    /// Where the watcher reads its lines.
    #[cfg(unix)]
    watcher: Option<ChildStdin>,
}

/// What the watcher runs: it remembers the groups, and at the end of its input kills those that are left.
#[cfg(unix)]
const WATCHER: &str = r#"
groups=' '
while read -r change group; do
    case $change in
        started) groups="$groups$group " ;;
        ended) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -KILL -"$group"; done
"#;

/// Starts `command` as the first process of a new group.
///
/// The lock is held meanwhile, so that after [`end_all`] nothing new can be started.
pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut groups = lock();
    #[cfg(unix)]
    {
        std::os::unix::process::CommandExt::process_group(command, 0);
        if groups.watcher.is_none() {
            // Without a watcher everything works, except that a killed process leaves its children.
            groups.watcher = start_watcher().ok();
        }
    }
    let child = command.spawn()?;
    groups.running.push(child.id());
    groups.tell("started", child.id());
    Ok(child)
}

/// The group is ended, or on its own from now on.
pub(super) fn forget(group: u32) {
    let mut groups = lock();
    groups.running.retain(|running| *running != group);
    groups.tell("ended", group);
}

/// Kills every group that [`Program`](super::Program) has started here, and lets no new one start:
/// for a process that is going to end at once.
pub fn end_all() {
    let groups = lock();
    for &group in &groups.running {
        let _ = kill(group, "KILL");
    }
    std::mem::forget(groups);
}

/// Sends the signal with this name to a group; elsewhere than on Unix every signal is an end by force.
pub(super) fn kill(group: u32, signal: &str) -> io::Result<()> {
    #[cfg(unix)]
    let done = Command::new("sh")
        .args(["-c", &format!("kill -{signal} -{group} 2>/dev/null")])
        .status()?;
    #[cfg(not(unix))]
    let done = {
        let _ = signal;
        let mut taskkill = Command::new("taskkill");
        taskkill.args(["/T", "/F", "/PID", &group.to_string()]);
        taskkill.stdout(Stdio::null()).stderr(Stdio::null()).status()?
    };
    if done.success() { Ok(()) } else { Err(io::Error::other("no process is left")) }
}

#[cfg(unix)]
fn start_watcher() -> io::Result<ChildStdin> {
    let mut watcher = Command::new("sh");
    // A group of its own: Ctrl-C in the terminal must not end it.
    std::os::unix::process::CommandExt::process_group(&mut watcher, 0);
    watcher.args(["-c", WATCHER]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    watcher.spawn()?.stdin.take().ok_or_else(|| io::ErrorKind::BrokenPipe.into())
}

impl Groups {
    #[cfg(unix)]
    fn tell(&mut self, change: &str, group: u32) {
        if let Some(watcher) = &mut self.watcher {
            let _ = writeln!(watcher, "{change} {group}");
        }
    }

    #[cfg(not(unix))]
    fn tell(&mut self, _change: &str, _group: u32) {}
}

fn lock() -> MutexGuard<'static, Groups> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
