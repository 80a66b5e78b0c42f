//! How long a whole check may take: for a time that a busy machine makes longer.

use std::time::{Duration, Instant};

use crate::threads::busy;

/// To how many times its own length a whole check may grow where the processors are taken.
const MAX_CHECK_GROWTH: u32 = 3;

/// A check that has waited for a processor for more than a tenth of its time cannot say that the server
/// was slow.
const DELAYED_SHARE: u32 = 10;

/// When a whole check must be over. It belongs to the thread that makes the check.
#[derive(Debug)]
pub struct Limit {
    start: Instant,
    time: Duration,
    /// How long the thread had waited for a processor at the start.
    delay: Duration,
}

impl Limit {
    /// This long from now. What the thread waits for a processor does not count, up to
    /// [`MAX_CHECK_GROWTH`].
    pub fn of(time: Duration) -> Self {
        Self { start: Instant::now(), time, delay: busy::own_delay() }
    }

    /// When it is over, as things stand.
    pub(super) fn end(&self) -> Instant {
        self.end_after(self.delayed())
    }

    /// When it is over if the check has waited for a processor for so long.
    fn end_after(&self, delayed: Duration) -> Instant {
        self.start + (self.time + delayed).min(self.time * MAX_CHECK_GROWTH)
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.end()
    }

    /// How long the check has waited for a processor.
    fn delayed(&self) -> Duration {
        busy::own_delay().saturating_sub(self.delay)
    }

    /// How long the check, or the server's threads, have waited for a processor, if that is too much of
    /// its time.
    pub fn lacked_processor(&self, server_delayed: Duration) -> Option<Duration> {
        let time = self.start.elapsed();
        let delayed = self.delayed().max(server_delayed.min(time));
        (delayed > time / DELAYED_SHARE).then_some(delayed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_may_take_longer_on_a_busy_machine_but_not_without_end() {
        let minute = Duration::from_secs(60);
        let limit = Limit::of(minute);
        assert_eq!(limit.end_after(minute / 2), limit.start + minute * 3 / 2);
        assert_eq!(limit.end_after(minute * 60), limit.start + minute * MAX_CHECK_GROWTH);
        assert!(!limit.is_over() && Limit::of(Duration::ZERO).is_over());
    }
}
