//! Whether a server does nothing while no client says anything.

use std::time::Duration;

use crate::assistant::check::finding::{Busy, Halt, Lack, Missed};
use crate::assistant::check::silence::Watcher;
use crate::assistant::check::stage::Stage;
use crate::assistant::check::wait::SPIN_TIME;
use crate::assistant::client::record::{CONSOLE, What};
use crate::assistant::process::interrupt;
use crate::assistant::threads::{busy, wakeups};

/// How long a server is looked at first; whether that shows something is looked at for longer.
const FIRST_LOOK: Duration = Duration::from_millis(300);
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// How much a server may print while it is looked at, in bytes: some say goodbye to a client.
const FEW: usize = 4096;
const MANY: usize = 100_000;

/// How often a server may wake up while it is looked at that first. A timeout of 50 ms, as the labs have
/// one, wakes it six times.
const FEW_TIMES: u64 = 20;

impl Stage<'_> {
    /// Whether it is seen that the server does nothing, and will not without its clients.
    pub fn is_idle(&mut self) -> bool {
        !self.has_timeouts && self.watcher.as_mut().is_some_and(Watcher::is_idle)
    }

    /// Looks whether the server is busy although no client says anything.
    pub fn busy(&mut self) -> Option<Busy> {
        if self.spins {
            return Some(Busy::Calls(SPIN_TIME));
        }
        if self.is_idle() {
            return None;
        }
        let process = self.server.process()?;
        let program = process.program();
        let look = |time: Duration| {
            let group = program.group();
            let (length, used) = (program.count().0, busy::wanted_time(group));
            let ended = program.wait_until(time, |printed| printed.is_complete().then_some(()));
            let printed = program.count().0 - length;
            let now = busy::wanted_time(group).unwrap_or_default();
            (ended.is_some(), printed, now.saturating_sub(used.unwrap_or_default()))
        };
        let (ended, printed, used) = look(FIRST_LOOK);
        if ended || (printed < FEW && used < FIRST_LOOK / 10) {
            return None;
        }
        // Something is going on: look again, for longer, at what no client has asked for.
        let (ended, printed, used) = look(SECOND_LOOK);
        if ended || (printed < MANY && used < SECOND_LOOK / 2) {
            return None;
        }
        Some(Busy::Works { time: SECOND_LOOK, used, printed })
    }

    /// The server has nothing to do, and must wait for that in one call, not ask again and again.
    ///
    /// # Errors
    /// When it wakes up often, is busy, or has ended.
    pub fn must_sleep(&mut self) -> Result<(), Halt> {
        self.must_be_idle()?;
        if self.is_idle() {
            return Ok(());
        }
        let Some(process) = self.server.process() else { return Ok(()) };
        let group = process.program().group();
        let before = wakeups::waits(group);
        interrupt::sleep(FIRST_LOOK);
        let times =
            wakeups::waits(group).unwrap_or_default().saturating_sub(before.unwrap_or(u64::MAX));
        if times < FEW_TIMES {
            return Ok(());
        }
        self.note(CONSOLE, What::Server("watched, while nobody speaks".to_owned()));
        Err(Missed::new(CONSOLE, Lack::Rest(Busy::WakesUp { time: FIRST_LOOK, times })).into())
    }

    /// The server has nothing to do, and must not be busy.
    ///
    /// # Errors
    /// When it is, or has ended.
    pub fn must_be_idle(&mut self) -> Result<(), Halt> {
        match self.busy() {
            Some(busy) => {
                self.note(CONSOLE, What::Server("watched, while nobody speaks".to_owned()));
                Err(Missed::new(CONSOLE, Lack::Rest(busy)).into())
            }
            None => self.must_be_alive(),
        }
    }
}
