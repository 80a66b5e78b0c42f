//! Whether a server does nothing while no client sends.

use std::time::{Duration, Instant};

use crate::check::finding::{Busy, Halt, Lack, Missed, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::PEEK_TIME;
use crate::check::stage::silence::Watcher;
use crate::check::stage::waiting::SPIN_TIME;
use crate::client::record::{CONSOLE, What};
use crate::process::interrupt;
use crate::threads::busy::Time;
use crate::threads::{busy, wakeups};

/// How long a server is watched. One that was busy is watched again, for longer.
const FIRST_LOOK: Duration = Duration::from_millis(300);
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// How many bytes a server may print while it is watched: some print a line about a client that left.
const FEW: usize = 4096;
const MANY: usize = 100_000;

/// How often a server may wake up in [`FIRST_LOOK`]. A timeout of 50 ms, as in the labs, wakes it six
/// times.
const FEW_TIMES: u64 = 20;

/// What a server has done while it was watched.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// How many bytes it has printed.
    printed: usize,
    time: Time,
    /// Whether it has hardly made a call of the system.
    computes: bool,
}

impl Seen {
    fn is_busy(&self, share: Duration) -> bool {
        // On a busy machine, one that waits for a processor without end is busy, too; but one that only
        // wakes up now and then has to wait as often.
        self.time.used + self.time.waited >= share && self.time.used >= share / 20
    }
}

/// Watches a server that has nothing to do with `look`, which returns nothing when it cannot go on; `unread`
/// is how much the server has not read.
fn works_without_end(
    look: impl Fn(Duration) -> Option<Seen>,
    mut unread: impl FnMut() -> Option<u64>,
) -> Option<Busy> {
    let first = look(FIRST_LOOK)?;
    if first.printed < FEW && !first.is_busy(FIRST_LOOK / 10) {
        return None;
    }
    // Something is going on: look again, for longer, at what no client has asked for.
    let mut left = unread();
    loop {
        let second = look(SECOND_LOOK)?;
        if second.printed < MANY && !second.is_busy(SECOND_LOOK / 2) {
            return None;
        }
        let before = std::mem::replace(&mut left, unread());
        // It may still read what clients have sent before: on a busy machine that takes long.
        if left.zip(before).is_none_or(|(left, before)| left >= before) {
            let Seen { printed, time, computes } = second;
            return Some(Busy::Works { time: SECOND_LOOK, used: time.used, printed, computes });
        }
    }
}

impl Stage<'_> {
    /// Whether the threads show that the server does nothing, and will do nothing until a client acts.
    pub fn is_idle(&mut self) -> bool {
        !self.has_unseen_timeouts() && self.watcher.as_mut().is_some_and(Watcher::is_idle)
    }

    /// How long a client has to listen in order to hear all that comes within `time`: for a moment, once it
    /// is seen that the server has nothing left to do, and that all it has sent to this client has arrived.
    pub fn time_to_listen(&mut self, who: char, time: Duration) -> Duration {
        let start = Instant::now();
        let address = self.address_of(who);
        let is_seen = !self.has_unseen_timeouts();
        let watcher = self.watcher.as_mut().filter(|_| is_seen);
        let has_done_all = watcher.zip(address).is_some_and(|(it, own)| it.has_done_all(own, time));
        let left = if has_done_all { Duration::ZERO } else { time.saturating_sub(start.elapsed()) };
        left.max(PEEK_TIME)
    }

    /// Looks whether the server is busy while no client sends.
    pub fn busy(&mut self) -> Option<Busy> {
        if self.certainty.spins() {
            return Some(Busy::Calls(SPIN_TIME));
        }
        if self.is_idle() {
            return None;
        }
        let program = self.server.process()?.program();
        let look = |length: Duration| {
            let group = program.group();
            let (before, time) = (program.count().0, busy::time(group).unwrap_or_default());
            let effort = busy::effort(group);
            let ended = program.wait_until(length, |printed| printed.is_complete().then_some(()));
            if ended.is_some() || interrupt::requested() {
                return None;
            }
            let printed = program.count().0 - before;
            let time = busy::time(group).unwrap_or_default().since(time);
            let computes = busy::effort(group).zip(effort);
            let computes = computes.is_some_and(|(now, before)| now.is_computing_since(before));
            Some(Seen { printed, time, computes })
        };
        works_without_end(look, || {
            let watcher = self.watcher.as_mut().filter(|_| !self.limit.is_over());
            watcher?.unread()
        })
    }

    /// The server has nothing to do, and must wait for that in one call, not ask again and again.
    pub fn must_sleep(&mut self) -> Outcome {
        if self.is_idle() {
            return self.must_be_alive();
        }
        self.must_be_idle()?;
        let Some(group) = self.program().map(|program| program.group()) else { return Ok(()) };
        let before = wakeups::waits(group);
        interrupt::sleep(FIRST_LOOK);
        let times =
            wakeups::waits(group).unwrap_or_default().saturating_sub(before.unwrap_or(u64::MAX));
        if times < FEW_TIMES {
            return Ok(());
        }
        Err(self.not_idle(Busy::WakesUp { time: FIRST_LOOK, times }))
    }

    /// The server has nothing to do, and must not be busy.
    pub fn must_be_idle(&mut self) -> Outcome {
        match self.busy() {
            Some(busy) => Err(self.not_idle(busy)),
            None => self.must_be_alive(),
        }
    }

    /// The server was watched, and was not idle.
    fn not_idle(&mut self, busy: Busy) -> Halt {
        self.note(CONSOLE, What::Server("watched while no client sends".to_owned()));
        Missed::new(CONSOLE, Lack::Rest(busy)).into()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Whether a server is busy that has not read so much, and prints much until there is nothing more here.
    fn is_busy(unread: &[Option<u64>]) -> bool {
        let left = RefCell::new(unread.iter());
        let look = |_| {
            let printed = if left.borrow().len() > 0 { MANY } else { 0 };
            Some(Seen { printed, time: Time::default(), computes: false })
        };
        works_without_end(look, || left.borrow_mut().next().copied().flatten()).is_some()
    }

    #[test]
    fn a_server_that_still_reads_what_it_was_sent_is_given_time() {
        assert!(!is_busy(&[Some(900), Some(500), Some(0)]));
        assert!(is_busy(&[Some(900), Some(500), Some(0), Some(0), Some(0)]));
        assert!(is_busy(&[Some(900), Some(900), Some(0)]), "it does not read");
        assert!(is_busy(&[None, None, None]), "the system does not tell");
        assert!(!is_busy(&[]), "it does nothing");
    }
}
