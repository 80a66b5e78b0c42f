//! How often a server's threads have gone to sleep: each wait, however short, counts once.

use std::fs;

use super::busy::processes;

/// How often the threads of a process group have given their processor away because they had to wait:
/// `voluntary_ctxt_switches` in `/proc/PID/task/TID/status` (proc(5)). Nothing where the system does not
/// say so.
pub fn waits(group: u32) -> Option<u64> {
    let tasks = processes(group)?.into_iter().flat_map(|process| {
        let tasks = fs::read_dir(process.join("task")).into_iter().flatten().flatten();
        // A thread may have ended meanwhile.
        tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok())
    });
    Some(tasks.filter_map(|status| of_status(&status)).sum())
}

fn of_status(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use std::process::Command;

    use crate::process::program::Program;

    #[test]
    fn only_the_waits_by_choice_are_counted() {
        let status = "Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t99\n";
        assert_eq!(of_status(status), Some(12));
        assert_eq!(of_status("Name:\tx\n"), None);
    }

    #[test]
    fn a_program_that_waits_has_waited() {
        let program = Program::start(&mut Command::new("cat")).unwrap();
        // `cat` reads its input, which does not come.
        let has_waited = |_: &_| waits(program.group()).filter(|waits| *waits > 0);
        assert!(program.wait_until(std::time::Duration::from_secs(60), has_waited).is_some());
        assert_eq!(waits(u32::MAX), Some(0), "no process is in this group");
    }
}
