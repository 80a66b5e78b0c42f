//! What a record says about each client: its lane. Both drawings and every sentence start here.

use std::time::Duration;

use crate::client::record::{Event, What};

/// One client's way through a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub client: char,
    /// What it did, one stretch of time after the other.
    pub stretches: Vec<Stretch>,
    /// The moments worth a sign, in order of time.
    pub marks: Vec<Mark>,
}

/// A time during which a client, or a thread, did one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning, since the record's.
    pub from: Duration,
    pub to: Duration,
    pub doing: Doing,
}

/// What a client, or a thread of the server, can be doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doing {
    /// It waits for the server; the words complete "waits for …".
    Waiting(&'static str),
    /// It waits for the server to end the conversation, and needs nothing else.
    WaitingForEnd,
    /// It lets the server wait.
    Thinking,
    /// Anything else: connecting, or between two steps.
    Busy,
    /// It is a thread, and stands here, in words.
    Standing(String),
    /// It is a thread that waits for another one: for a lock, or for its end.
    HeldUp(String),
}

/// A moment worth a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// When, since the record's beginning.
    pub at: Duration,
    pub sign: Sign,
}

/// The signs of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Connected,
    /// What it waited for has arrived.
    Served,
    /// It was told that there is no place for it.
    Refused,
    Done,
    Failed,
}

impl Sign {
    /// The sign of an event, if it has one.
    pub fn of(what: &What) -> Option<Self> {
        match what {
            What::Connected(_) => Some(Self::Connected),
            What::Received(_) => Some(Self::Served),
            What::Refused(_) => Some(Self::Refused),
            What::Done | What::BrokenOff => Some(Self::Done),
            What::Failed(_) => Some(Self::Failed),
            _ => None,
        }
    }

    /// What it means.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Served => "is served",
            Self::Refused => "is refused",
            Self::Done => "done",
            Self::Failed => "gave up",
        }
    }
}

impl Lane {
    /// Reads one client's lane; what is not over yet lasts until `now`.
    pub fn read(client: char, events: &[Event], now: Duration) -> Self {
        let mut lane = Self { client, stretches: Vec::new(), marks: Vec::new() };
        let mut since: Option<(Duration, Doing)> = None;
        for Event { at, what, .. } in events.iter().filter(|event| event.client == client) {
            if matches!(what, What::StillWaiting(_)) {
                continue;
            }
            lane.stretches.extend(since.map(|(from, doing)| Stretch { from, to: *at, doing }));
            since = match what {
                What::Waiting(what) => Some((*at, Doing::Waiting(what))),
                What::WaitingForEnd => Some((*at, Doing::WaitingForEnd)),
                What::Thinking => Some((*at, Doing::Thinking)),
                What::Done | What::BrokenOff | What::Failed(_) => None,
                _ => Some((*at, Doing::Busy)),
            };
            lane.marks.extend(Sign::of(what).map(|sign| Mark { at: *at, sign }));
        }
        lane.stretches.extend(since.map(|(from, doing)| Stretch { from, to: now, doing }));
        lane
    }

    /// Its longest wait, and for what; waiting for the end does not count.
    pub fn longest_wait(&self) -> Option<(Duration, &'static str)> {
        let waits = self.stretches.iter().filter_map(|stretch| match stretch.doing {
            Doing::Waiting(what) => Some((stretch.to.saturating_sub(stretch.from), what)),
            _ => None,
        });
        waits.max_by_key(|(time, _)| *time)
    }

    /// When a sign stands in it for the first time.
    pub fn first(&self, sign: Sign) -> Option<Duration> {
        self.marks.iter().find(|mark| mark.sign == sign).map(|mark| mark.at)
    }
}

/// The lanes of these clients, in this order.
pub fn read_lanes(clients: &[char], events: &[Event], now: Duration) -> Vec<Lane> {
    clients.iter().map(|&client| Lane::read(client, events, now)).collect()
}

/// What stands in a lane.
#[derive(Debug, PartialEq, Eq)]
pub enum Glyph {
    Sign(Sign),
    Doing(Doing),
}

/// What there is to explain of these lanes, with a word for each; of the idle only if they are shown.
pub fn legend(lanes: &[Lane], shows_idle: bool) -> Vec<(Glyph, &'static str)> {
    let has = |sign| lanes.iter().any(|lane| lane.first(sign).is_some());
    let sign = |sign: Sign| (Glyph::Sign(sign), sign.word());
    let entries = [
        (true, sign(Sign::Connected)),
        (true, (Glyph::Doing(Doing::WaitingForEnd), "waits")),
        (true, sign(Sign::Served)),
        (true, (Glyph::Doing(Doing::Thinking), "thinks")),
        (shows_idle, (Glyph::Doing(Doing::Busy), "idle")),
        (true, sign(Sign::Done)),
        (has(Sign::Refused), sign(Sign::Refused)),
        (has(Sign::Failed), sign(Sign::Failed)),
    ];
    entries.into_iter().filter_map(|(is_shown, entry)| is_shown.then_some(entry)).collect()
}

/// What is done, or where a thread stands, in words, and in fewer: those before the comma, and of a wait the first.
pub fn shortened(words: &str) -> [&str; 3] {
    let before_comma = words.split(',').next().unwrap_or_default();
    [words, before_comma, if words.starts_with("waits ") { "waits" } else { before_comma }]
}

/// Where marks that belong at `wanted` are drawn so that none hides another: each at its own place,
/// or `gap` behind the one before it.
pub fn side_by_side(wanted: impl IntoIterator<Item = f64>, gap: f64) -> Vec<f64> {
    let mut places: Vec<f64> = Vec::new();
    for place in wanted {
        let free = places.last().map_or(place, |last| place.max(last + gap));
        places.push(free);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64, what: What) -> Event {
        Event { at: Duration::from_millis(millis), client: 'B', what }
    }

    #[test]
    fn a_lane_is_what_the_events_say() {
        let events = [
            at(0, What::Connecting),
            at(10, What::Waiting("its greeting")),
            at(30, What::StillWaiting(Duration::from_millis(20))),
            at(60, What::Done),
        ];
        let lane = Lane::read('B', &events, Duration::from_millis(99));
        assert_eq!(lane.longest_wait(), Some((Duration::from_millis(50), "its greeting")));
        assert_eq!(lane.first(Sign::Done), Some(Duration::from_millis(60)));
        assert_eq!(lane.first(Sign::Served), None);
        assert_eq!(lane.stretches.len(), 2, "nothing follows its end");
        assert!(Lane::read('A', &events, Duration::ZERO).stretches.is_empty(), "another's");
    }

    #[test]
    fn a_client_that_has_all_it_needs_does_not_count_as_waiting() {
        let events = [at(0, What::Waiting("its reply")), at(5, What::WaitingForEnd)];
        let lane = Lane::read('B', &events, Duration::from_millis(99));
        assert_eq!(lane.longest_wait(), Some((Duration::from_millis(5), "its reply")));
    }

    #[test]
    fn what_is_not_over_lasts_until_now() {
        let events = [at(10, What::Waiting("its reply"))];
        let lane = Lane::read('B', &events, Duration::from_millis(35));
        assert_eq!(lane.longest_wait(), Some((Duration::from_millis(25), "its reply")));
    }

    #[test]
    fn no_mark_hides_another() {
        assert_eq!(side_by_side([0.0, 0.0, 0.5, 9.0], 1.0), [0.0, 1.0, 2.0, 9.0]);
    }
}
