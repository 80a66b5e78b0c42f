//! Ctrl-C, and SIGTERM and SIGHUP where there are such signals: a flag that is looked at between
//! two steps, so that what was started is ended by its owner.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use socketlab::Failure;

/// How often the flag is looked at while something else is waited for.
pub const LOOK_AGAIN: Duration = Duration::from_millis(50);

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C does not end the process, but raises the flag.
///
/// # Errors
/// When the system does not let a handler be set.
pub fn watch() -> Result<(), Failure> {
    ctrlc::set_handler(|| REQUESTED.store(true, Ordering::SeqCst))
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be watched for: {error}")))
}

/// Whether somebody has pressed Ctrl-C.
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Why a command of the assistant has not come to its end.
#[derive(Debug)]
pub enum Stopped {
    /// By Ctrl-C.
    Interrupted,
    /// For this reason.
    Failed(Failure),
}

impl<F: Into<Failure>> From<F> for Stopped {
    fn from(failure: F) -> Self {
        Self::Failed(failure.into())
    }
}
