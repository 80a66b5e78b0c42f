//! The record of a run: what happened to each client and at the server's console, and when. Everything that is said or
//! drawn about a run is read from it.

use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What stands for the server's console in place of a client.
pub const CONSOLE: char = '>';

/// Something that happened to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When, since the record was begun.
    pub at: Duration,
    /// Whom it happened to: `A`, `B`, …, or [`CONSOLE`].
    pub client: char,
    pub what: What,
}

/// What can happen to a client. Each event ends what the client was doing before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It asks for a connection.
    Connecting,
    /// It has one; this is its own end's address. The server need not have accepted it yet.
    Connected(SocketAddr),
    /// It waits for the server; the words complete "waits for …".
    Waiting(&'static str),
    /// It goes on waiting; nothing has come for this long.
    StillWaiting(Duration),
    /// It waits for the server to end the conversation, and needs nothing else.
    WaitingForEnd,
    /// All that it waited for has arrived.
    Received(Vec<u8>),
    /// It was told with these bytes that the server has no place for it.
    Refused(Vec<u8>),
    /// It has handed this to the system to be sent.
    Sent(Vec<u8>),
    /// It has said that it will send no more; it goes on reading.
    FinishedSending,
    /// It does nothing, although it is its turn.
    Thinking,
    /// It goes on. This is recorded before its next step, and so before all that the step sets off.
    Thought,
    /// The server has ended the conversation.
    Ended,
    /// It closes its connection. This is recorded before that, and so before all that the closing sets off.
    Done,
    /// It breaks its connection off, so that the server gets a reset instead of an end.
    BrokenOff,
    /// It gave up, for this reason.
    Failed(String),
    /// The server's operator typed this line.
    Typed(String),
    /// This appeared on the server's console.
    Printed(String),
    /// Something else was done to the server; the words complete "is …".
    Server(String),
}

/// The client whose own end has such an address.
pub fn client_at(events: &[Event], is: impl Fn(SocketAddr) -> bool) -> Option<char> {
    let is = |event: &&Event| matches!(event.what, What::Connected(own) if is(own));
    events.iter().find(is).map(|event| event.client)
}

/// A record that threads write and others watch.
#[derive(Debug)]
pub struct Record {
    start: Instant,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    stopped: bool,
}

/// How a wait for the record has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    Met,
    TimedOut,
    /// [`Record::stop`] was called.
    Stopped,
}

impl Record {
    /// An empty record; its time begins now.
    pub fn begin() -> Self {
        Self { start: Instant::now(), state: Mutex::default(), changed: Condvar::new() }
    }

    /// The moment that all times count from.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// Writes an event down. The clock is read under the lock, so the list is in order of time.
    pub fn add(&self, client: char, what: What) {
        let mut state = self.lock();
        state.events.push(Event { at: self.start.elapsed(), client, what });
        drop(state);
        self.changed.notify_all();
    }

    /// What has happened so far.
    pub fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// How many events there are so far.
    pub fn count(&self) -> usize {
        self.lock().events.len()
    }

    /// Ends every wait for this record, those to come as well.
    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Whether [`Record::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        self.lock().stopped
    }

    /// Waits until `met` holds for the events so far, for `patience` at the most.
    pub fn wait_until(&self, patience: Duration, met: impl Fn(&[Event]) -> bool) -> Waited {
        let unmet = |state: &mut State| !state.stopped && !met(&state.events);
        let state = self.lock();
        let (state, _) = self
            .changed
            .wait_timeout_while(state, patience, unmet)
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopped {
            Waited::Stopped
        } else if met(&state.events) {
            Waited::Met
        } else {
            Waited::TimedOut
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_wait_ends_when_its_event_is_there() {
        let record = Record::begin();
        thread::scope(|scope| {
            scope.spawn(|| record.add('A', What::Thinking));
            let waited = record.wait_until(Duration::from_secs(20), |events| !events.is_empty());
            assert_eq!(waited, Waited::Met);
        });
        assert_eq!(record.wait_until(Duration::ZERO, |_| false), Waited::TimedOut);
    }

    #[test]
    fn stopping_ends_waits_that_have_begun_and_those_to_come() {
        let record = Record::begin();
        thread::scope(|scope| {
            let wait = || record.wait_until(Duration::from_secs(20), |_| false);
            let begun = scope.spawn(wait);
            record.stop();
            assert!(begun.join().is_ok_and(|waited| waited == Waited::Stopped));
            assert_eq!(wait(), Waited::Stopped);
        });
    }
}
