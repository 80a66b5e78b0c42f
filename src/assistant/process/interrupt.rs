//! Ctrl-C: a flag that is looked at between two steps, so that what was started is ended by its owner.

use std::fmt;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::process::program;

/// How often the flag is looked at while something else is waited for.
pub const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The exit status after Ctrl-C: 128 and the number of SIGINT, as shells have it.
pub const INTERRUPTED: u8 = 130;

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C does not end the process, but raises the flag. A second one ends everything that was started, and
/// then this process, whatever it is doing: it may be waiting for a full pipe. Fails when no handler can be set.
pub fn watch() -> Result<(), Failure> {
    let handler = || {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            program::end_all();
            process::exit(INTERRUPTED.into());
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be watched for: {error}")))
}

/// Whether Ctrl-C has been pressed.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Fails once Ctrl-C has been pressed.
pub fn go_on() -> Result<(), Stopped> {
    if requested() { Err(Stopped::Interrupted) } else { Ok(()) }
}

/// Sleeps for this long, or until Ctrl-C.
pub fn sleep(time: Duration) {
    let deadline = Instant::now() + time;
    while !requested() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        thread::sleep(left.min(POLL_INTERVAL));
    }
}

/// Why a command of the assistant has not come to its end.
#[derive(Debug)]
pub enum Stopped {
    Interrupted,
    Failed(Failure),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("stopped by Ctrl-C"),
            Self::Failed(failure) => failure.fmt(f),
        }
    }
}

impl<F: Into<Failure>> From<F> for Stopped {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
