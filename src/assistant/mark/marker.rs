//! Marking one hand-in: a check of every scene, by a process of its own. What a hand-in does to its parent, it does to
//! that process; and the result is believed only where a word stands in front of it that no hand-in knows.

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::BuildHasher;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use socketlab::Failure;

use crate::mark::bounds;
use crate::mark::results::Mark;
use crate::mark::sandbox::Sandbox;
use crate::process::interrupt::{self, Stopped};

/// How long a check may take with all its scenes, on a machine that is busy: longer than any check takes by itself.
const CHECK_TIMEOUT: Duration = Duration::from_secs(240);

/// How long the CPU may be used by each process of a hand-in, in seconds, and how large a file it may write, in blocks
/// of 512 bytes. Of the two limits of the CPU, SIGXCPU comes first: SIGKILL comes from outside.
const LIMITS: &str = "renice -n 10 -p $$ >/dev/null 2>&1; ulimit -H -t 65; ulimit -S -t 60; ulimit -c 0; \
                      ulimit -f 20000; ";

/// How a note names a server that something else has ended.
const KILLED: &str = "ended with signal: 9 (SIGKILL)";

/// Checks the program that this command line starts, in a sandbox that shows what it needs. Fails at Ctrl-C, and where
/// the machine is at fault.
pub fn mark(
    exercise: &str,
    line: &str,
    sandbox: Option<(&Sandbox, &Path)>,
) -> Result<Mark, Stopped> {
    // Two hashes, with keys that only this process knows.
    let seal = [(); 2].map(|()| format!("{:016x}", RandomState::new().hash_one(0))).concat();
    let line = if cfg!(unix) { format!("{LIMITS}{line}") } else { line.to_owned() };
    let own = env::current_exe()?;
    let mut command = Command::new(own);
    command.args(["check", exercise, "--json", "--every-scene", "--sealed", "--server", &line]);
    if let Some((sandbox, own)) = sandbox {
        command = sandbox.around_check(&command, own);
    }
    let mut check = bounds::start(&mut command)?;
    let _ = check.type_line(&seal);
    check.end_input();
    let deadline = Instant::now() + CHECK_TIMEOUT;
    while check.end_within(interrupt::POLL_INTERVAL).is_none() {
        if interrupt::requested() {
            return Err(Stopped::Interrupted);
        }
        if Instant::now() > deadline {
            let seconds = CHECK_TIMEOUT.as_secs();
            return Err(Failure::new(format!("the check did not end within {seconds} s")).into());
        }
    }
    let printed = check.printed();
    let sealed = || printed.lines.iter().filter_map(|it| it.text.strip_prefix(&seal));
    let exceeded = sealed().find_map(|it| it.strip_prefix("! "));
    match sealed().find_map(|json| serde_json::from_str::<Value>(json).ok()) {
        Some(report) => {
            let mut mark = Mark::of_json(&report);
            if exceeded.is_none() && mark.note.contains(KILLED) {
                let why = "the server was ended by SIGKILL, which the check had not sent";
                return Err(Failure::new(why).into());
            }
            if let Some(what) = exceeded {
                mark.note = format!("The program was ended because it had {what}. {}", mark.note);
                // Which of the two it is depends on when it was ended.
                let verdicts = mark.scenes.iter_mut().map(|scene| &mut scene.verdict);
                for verdict in verdicts.chain([&mut mark.verdict]) {
                    if verdict == "NOT_LISTENING" {
                        "DID_NOT_START".clone_into(verdict);
                    }
                }
            }
            Ok(mark)
        }
        None => {
            let errors = printed.errors();
            let why = errors
                .lines()
                .last()
                .unwrap_or("the check was ended from outside: does the program end its parent?");
            Err(Failure::new(why.trim_start_matches("Error: ").to_owned()).into())
        }
    }
}
