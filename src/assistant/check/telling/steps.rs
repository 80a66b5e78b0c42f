//! The steps of a scene in words: all of them, or those that lead to the one that failed.

use socketlab::printable;

use crate::client::record::{Event, What};
use crate::draw::columns::{columns, cut};
use crate::draw::figures::{figure, spoken};

/// How many columns a text within a step may take.
const MAX_TEXT: usize = 35;

/// How many steps may repeat together.
const LONGEST_CYCLE: usize = 6;

/// What is done so often in a row is told once.
const FEWEST_REPEATS: usize = 3;

/// The columns of a step in front of what was done.
pub const BEFORE_WHAT: usize = 22;

/// A line of a report.
#[derive(Debug, Clone)]
pub struct Step {
    at: std::time::Duration,
    who: String,
    what: String,
    /// Whether it is the step that failed.
    pub failed: bool,
}

impl Step {
    /// One line; the step that failed is marked.
    pub fn line(&self) -> String {
        let Self { at, who, what, failed } = self;
        let mark = if *failed { '✗' } else { ' ' };
        format!("{mark} {:>8}  {who:<10}{what}", figure(*at))
    }

    /// The same as a sentence, or two.
    pub fn sentence(&self) -> String {
        let Self { at, who, what, failed } = self;
        let at = spoken(*at);
        let failed = if *failed { " This is the step that failed." } else { "" };
        format!("{at}: {who} {what}.{failed}")
    }

    /// Whether both say the same, at different times.
    fn repeats(&self, other: &Self) -> bool {
        (&self.who, &self.what, self.failed) == (&other.who, &other.what, other.failed)
    }
}

/// The steps: with all `details` one for each event, otherwise without what the next one says as well (a wait
/// whose end follows, repetitions, ports).
pub fn tell(events: &[Event], failed: Option<usize>, details: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    for (number, event) in events.iter().enumerate().filter(|(_, event)| is_shown(event)) {
        let own = |other: &&Event| other.client == event.client && is_shown(other);
        let before = events[..number].iter().rfind(own).map(|event| &event.what);
        let after = events[number + 1..].iter().find(own).map(|event| &event.what);
        let is_failed = failed == Some(number);
        let what = match (&event.what, before, after) {
            (what, ..) if details => words(what),
            (What::Waiting(_), _, Some(What::Received(_) | What::StillWaiting(_)))
            | (What::WaitingForEnd, _, Some(What::Ended | What::StillWaiting(_)))
                if !is_failed =>
            {
                continue;
            }
            (What::Done, Some(What::Ended), _) if !is_failed => continue,
            (
                What::StillWaiting(time),
                Some(wait @ (What::Waiting(_) | What::WaitingForEnd)),
                _,
            ) => {
                format!("{}: nothing for {}", words(wait), figure(*time))
            }
            (What::Connected(_), ..) => "is connected".to_owned(),
            (what, ..) => words(what),
        };
        steps.push(Step { at: event.at, who: who(event), what, failed: is_failed });
    }
    if details { steps } else { without_repetitions(&steps) }
}

/// What one client does again and again, as an attempt that is repeated, becomes one step.
fn without_repetitions(steps: &[Step]) -> Vec<Step> {
    let mut short = Vec::new();
    let mut rest = steps;
    while let [first, ..] = rest {
        let cycle = (1..=LONGEST_CYCLE).map(|length| (length, repeats(rest, length)));
        match cycle.into_iter().find(|(_, times)| *times >= FEWEST_REPEATS) {
            Some((length, times)) => {
                let what: Vec<&str> = rest[..length].iter().map(|step| &step.what[..]).collect();
                let what = format!("{times} times: {}", what.join(", "));
                short.push(Step { what, ..first.clone() });
                rest = &rest[length * times..];
            }
            None => {
                short.push(first.clone());
                rest = &rest[1..];
            }
        }
    }
    short
}

/// How often the first `length` steps, all of one client, stand in a row.
fn repeats(steps: &[Step], length: usize) -> usize {
    let Some(cycle) = steps.get(..length) else { return 0 };
    if cycle.iter().any(|step| step.who != cycle[0].who || step.failed) {
        return 0;
    }
    let same = |chunk: &&[Step]| chunk.iter().zip(cycle).all(|(step, other)| step.repeats(other));
    steps.chunks_exact(length).take_while(same).count()
}

/// A heading, and the last `most` of these steps; the one that failed is among them, with some around it.
pub fn window(steps: &[Step], most: usize) -> (String, &[Step]) {
    let failed = steps.iter().position(|step| step.failed);
    let around =
        failed.map_or(steps.len(), |failed| failed.saturating_sub(most.saturating_sub(1) / 2));
    let first = steps.len().saturating_sub(most).min(around);
    let last = steps.len().min(first + most);
    let mut heading = "What happened".to_owned();
    if last - first < steps.len() {
        heading += &format!(", steps {} to {last} of {}", first + 1, steps.len());
    }
    (heading, &steps[first..last])
}

/// Whose step it is.
pub fn who(event: &Event) -> String {
    match event.what {
        What::Typed(_) => "operator".to_owned(),
        What::Printed(_) => "console".to_owned(),
        What::Server(_) => "server".to_owned(),
        _ => event.client.to_string(),
    }
}

/// Whether it is a step; the other events are only there for the lanes.
fn is_shown(event: &Event) -> bool {
    !matches!(event.what, What::Connecting)
}

/// What is done in a step, as words that follow its actor.
pub fn words(what: &What) -> String {
    match what {
        What::Connecting => "asks for a connection".to_owned(),
        What::Connected(address) => format!("is connected, as port {}", address.port()),
        What::Waiting(what) => format!("waits for {what}"),
        What::StillWaiting(time) => format!("has got nothing for {}", figure(*time)),
        What::WaitingForEnd => "waits for the end of the conversation".to_owned(),
        What::Received(bytes) => format!("gets {}", short(bytes)),
        What::Refused(bytes) => format!("is refused by {}", short(bytes)),
        What::Sent(bytes) => format!("sends {}", short(bytes)),
        What::FinishedSending => "ends its input; it still reads".to_owned(),
        What::Thinking => "does nothing, although it is its turn".to_owned(),
        What::Thought => "goes on".to_owned(),
        What::Ended => "sees the end of the conversation".to_owned(),
        What::Done => "closes its connection".to_owned(),
        What::BrokenOff => "resets its connection, with something unread".to_owned(),
        What::Failed(why) => why.clone(),
        What::Typed(line) => format!("types {}", short(line.as_bytes())),
        What::Printed(line) => format!("shows {}", short(line.as_bytes())),
        What::Server(what) => format!("is {what}"),
    }
}

fn short(bytes: &[u8]) -> String {
    let text = printable(bytes).to_string();
    if columns(&text) > MAX_TEXT {
        format!("\"{}\" ({} bytes)", cut(&text, MAX_TEXT + 1), bytes.len())
    } else {
        format!("\"{text}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    fn events(list: &[(char, What)]) -> Vec<Event> {
        let event = |(at, (client, what)): (u64, &(char, What))| Event {
            at: Duration::from_millis(at),
            client: *client,
            what: what.clone(),
        };
        (0..).zip(list).map(event).collect()
    }

    fn connected() -> What {
        What::Connected(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000)))
    }

    fn told(steps: &[Step]) -> Vec<String> {
        steps.iter().map(|step| format!("{} {}", step.who, step.what)).collect()
    }

    #[test]
    fn a_wait_is_told_with_its_end() {
        let list = events(&[
            ('A', What::Connecting),
            ('A', connected()),
            ('A', What::Waiting("its reply")),
            ('B', connected()),
            ('A', What::Received(b"HELLO".to_vec())),
            ('B', What::Waiting("its reply")),
            ('B', What::StillWaiting(Duration::from_secs(2))),
            ('A', What::WaitingForEnd),
            ('A', What::Ended),
            ('A', What::Done),
        ]);
        assert_eq!(
            told(&tell(&list, Some(6), false)),
            [
                "A is connected",
                "B is connected",
                "A gets \"HELLO\"",
                "B waits for its reply: nothing for 2.00 s",
                "A sees the end of the conversation",
            ]
        );
        assert_eq!(tell(&list, None, true).len(), list.len() - 1);
        // A step that failed is never left out.
        let failed: Vec<Step> =
            tell(&list, Some(2), false).into_iter().filter(|step| step.failed).collect();
        assert_eq!(told(&failed), ["A waits for its reply"]);
    }

    #[test]
    fn an_attempt_that_is_repeated_is_one_step() {
        let attempt = [
            ('G', connected()),
            ('G', What::Waiting("its reply")),
            ('G', What::Received(b"full".to_vec())),
            ('G', What::Done),
        ];
        let mut list = vec![('A', connected())];
        list.extend(attempt.iter().cycle().take(4 * 5).cloned());
        list.extend([('G', connected()), ('G', What::Waiting("its reply"))]);
        let list = events(&list);
        let steps = tell(&list, Some(list.len() - 1), false);
        assert_eq!(
            told(&steps),
            [
                "A is connected",
                "G 5 times: is connected, gets \"full\", closes its connection",
                "G is connected",
                "G waits for its reply",
            ]
        );
        let (heading, shown) = window(&steps, 2);
        assert_eq!(heading, "What happened, steps 3 to 4 of 4");
        assert_eq!(shown[1].line(), "✗    22 ms  G         waits for its reply");
        let sentence = "22 ms: G waits for its reply. This is the step that failed.";
        assert_eq!(shown[1].sentence(), sentence);
    }

    #[test]
    fn the_step_that_failed_is_always_in_the_window() {
        let list = events(&['A', 'B', 'C', 'D', 'E'].map(|who| (who, connected())));
        for most in 1..7 {
            for failed in 0..list.len() {
                let steps = tell(&list, Some(failed), false);
                let (heading, shown) = window(&steps, most);
                assert_eq!(shown.len(), most.min(list.len()));
                assert!(shown.iter().any(|step| step.failed), "{heading}");
            }
        }
        let steps = tell(&list, Some(2), false);
        assert_eq!(
            told(window(&steps, 3).1),
            ["B is connected", "C is connected", "D is connected"]
        );
        assert_eq!(window(&tell(&list, None, false), 8).0, "What happened");
    }
}
