//! An act in sentences, for screen readers, for logs, and to be read aloud.

use std::time::Duration;

use crate::client::record::{Event, What};
use crate::draw::figures::spoken;
use crate::draw::lanes::{Doing, Sign, Stretch};
use crate::draw::text::ConsoleLine;
use crate::draw::thread_lanes::{ThreadLane, ThreadLanes};

/// Where a thread stands for less than this part of an act is left out.
const SHORTEST_PART: u32 = 10;

/// A sentence for each sign in the lanes, and for each thought that begins. Later events add sentences behind these.
pub fn clients(events: &[Event]) -> Vec<String> {
    let sentence = |(number, event): (usize, &Event)| {
        let Event { at, client, what } = event;
        let words = match (what, Sign::of(what)) {
            (What::Server(words), _) => format!("the server is {words}"),
            (What::Thinking, _) => format!("{client} thinks"),
            (_, Some(sign)) => {
                let is = if matches!(sign, Sign::Connected | Sign::Done) { " is" } else { "" };
                let waited = waited(event, &events[..number]).unwrap_or_default();
                format!("{client}{is} {}{waited}", sign.word())
            }
            _ => return None,
        };
        Some(format!("{}: {words}.", spoken(*at)))
    };
    events.iter().enumerate().filter_map(sentence).collect()
}

/// How long the client has waited before this event, and for what.
fn waited(event: &Event, earlier: &[Event]) -> Option<String> {
    let own = earlier.iter().rev().filter(|it| it.client == event.client);
    let mut steps = own.filter(|it| !matches!(it.what, What::StillWaiting(_) | What::Ended));
    let (since, what) = match steps.next()? {
        Event { at, what: What::Waiting(what), .. } => (*at, *what),
        _ => return None,
    };
    Some(format!(", after waiting {} for {what}", spoken(event.at.saturating_sub(since))))
}

/// A sentence for each line that the server printed.
pub fn console(lines: &[ConsoleLine]) -> Vec<String> {
    let sentence = |ConsoleLine { at, client, text, is_torn }: &ConsoleLine| {
        let torn = if *is_torn { ", in a torn record" } else { "" };
        format!("{}: the thread of {client} prints \"{}\"{torn}.", spoken(*at), text.trim())
    };
    lines.iter().map(sentence).collect()
}

/// A sentence for each thread: where it stood in an act that took this long.
pub fn threads(threads: &ThreadLanes, time: Duration) -> Vec<String> {
    let is_long = |it: &&Stretch| it.to.saturating_sub(it.from) >= time / SHORTEST_PART;
    let words = |it: &Stretch| match &it.doing {
        Doing::Standing(words) | Doing::HeldUp(words) => {
            Some(format!("{words}, from {} to {}", spoken(it.from), spoken(it.to)))
        }
        _ => None,
    };
    let sentence = |lane: &ThreadLane| {
        let all: Vec<String> = lane.stretches.iter().filter(is_long).filter_map(words).collect();
        (!all.is_empty()).then(|| format!("The server's thread {}: {}.", lane.name, all.join("; ")))
    };
    threads.lanes().iter().filter_map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::sample::{SPAN, console_line, threads as sample_threads};

    #[test]
    fn sentences_say_when_who_and_what() {
        let events = [
            (1, 'B', What::Connected(([127, 0, 0, 1], 1).into())),
            (1, 'B', What::Waiting("its greeting")),
            (2, 'A', What::Thinking),
            (2001, 'B', What::Received(Vec::new())),
            (2002, '>', What::Server("told to stop by Ctrl-C".to_owned())),
            (2003, 'B', What::WaitingForEnd),
            (2013, 'B', What::Ended),
            (2014, 'B', What::Done),
        ];
        let event =
            |(millis, client, what)| Event { at: Duration::from_millis(millis), client, what };
        assert_eq!(
            clients(&events.map(event)),
            [
                "1.0 ms: B is connected.",
                "2.0 ms: A thinks.",
                "2.00 s: B is served, after waiting 2.00 s for its greeting.",
                "2.00 s: the server is told to stop by Ctrl-C.",
                "2.01 s: B is done.",
            ]
        );
        assert_eq!(
            console(&[console_line('B', "  Thread-2:", true)]),
            ["less than 0.1 ms: the thread of B prints \"Thread-2:\", in a torn record."]
        );
        assert_eq!(
            threads(&sample_threads(), SPAN)[2],
            "The server's thread unnamed 2: waits for lock 1, from 50 ms to 1.95 s."
        );
    }
}
