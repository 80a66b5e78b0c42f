//! The sentences and the table, with figures from the lanes.

use crate::client::conversation::{Conversation, FIRST, QUEUED, REFUSED, SECOND};
use crate::client::record::What;
use crate::demo::acts::Order;
use crate::demo::play::{Cast, Seen};
use crate::demo::records::Records;
use crate::draw::figures::{chosen, figure};
use crate::draw::lanes::{Doing, Lane, Sign};

/// More clients than this are not named one by one.
const ONE_BY_ONE: usize = 3;

/// Columns of the table: 60 in all, so that it fits every screen.
const ACT: usize = 36;
const WAIT: usize = 14;
const END: usize = 10;

/// What a student should take home from these acts.
const TAKEN_FROM: [u8; 3] = [1, 2, 5];
const TAKE_HOME: &str = "Take home: a thread per client is not enough. Code that waits for one \
     client must not hold what the others need: not the only thread, and not a lock.";

/// `B and C`, `B, C and D`, `B to I`.
pub fn names(clients: impl IntoIterator<Item = char>) -> String {
    let clients: Vec<String> = clients.into_iter().map(String::from).collect();
    match clients.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, .., last] if clients.len() > ONE_BY_ONE => format!("{first} to {last}"),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Fills the cast in for `{think}` and `{others}`.
pub fn fill_in(text: &str, cast: &Cast) -> String {
    let others = names(cast.clients[1..].iter().copied());
    text.replace("{think}", &chosen(cast.think)).replace("{others}", &others)
}

/// Who waited how long, and whether that was for the first client: by the order of the events.
fn what_happened(lanes: &[Lane]) -> String {
    let others: Vec<&Lane> = others(lanes).collect();
    let who = names(others.iter().map(|lane| lane.client));
    let why = match order(lanes) {
        Order::AfterFirst => format!(": {who} were served only after {FIRST} had thought."),
        Order::WhileFirstThinks => format!(": {who} were done while {FIRST} was still thinking."),
        Order::Mixed => ".".to_owned(),
    };
    format!("{}{}", waits(&others), why)
}

/// When the other clients had their turn; by the order of the events alone.
fn order(lanes: &[Lane]) -> Order {
    let first = lanes.iter().find(|lane| lane.client == FIRST);
    let thought = first.and_then(|lane| {
        lane.stretches.iter().find(|stretch| stretch.doing == Doing::Thinking).map(|it| it.to)
    });
    let Some(thought) = thought else { return Order::Mixed };
    if others(lanes).all(|lane| lane.first(Sign::Served).is_some_and(|served| served >= thought)) {
        Order::AfterFirst
    } else if others(lanes).all(|lane| lane.first(Sign::Done).is_some_and(|done| done <= thought)) {
        Order::WhileFirstThinks
    } else {
        Order::Mixed
    }
}

fn others(lanes: &[Lane]) -> impl Iterator<Item = &Lane> {
    lanes.iter().filter(|lane| lane.client != FIRST)
}

fn waits(lanes: &[&Lane]) -> String {
    let mut waits: Vec<_> = lanes
        .iter()
        .filter_map(|lane| lane.longest_wait().map(|(time, what)| (time, what, lane.client)))
        .collect();
    if waits.len() > ONE_BY_ONE {
        waits.sort();
    }
    let [(shortest, what, first), rest @ ..] = &waits[..] else { return String::new() };
    if waits.len() > ONE_BY_ONE {
        let clients = lanes.iter().map(|lane| lane.client);
        let longest = rest.last().map_or(*shortest, |(time, ..)| *time);
        let (shortest, longest) = (figure(*shortest), figure(longest));
        let range = if shortest == longest { longest } else { format!("{shortest} to {longest}") };
        let is_same = rest.iter().all(|(_, other, _)| other == what);
        let what = if is_same { format!(" for {what}") } else { String::new() };
        return format!("{} each waited {range}{what}", names(clients));
    }
    let of_one = |(time, other, client): &(_, &str, char)| {
        let what = if other == what { String::new() } else { format!(" for {other}") };
        format!(", {client} {}{what}", figure(*time))
    };
    let rest: String = rest.iter().map(of_one).collect();
    format!("{first} waited {} for {what}{rest}", figure(*shortest))
}

/// How the server's end reached its clients; nothing if it did not reach all of them.
fn how_it_stopped(seen: &Seen) -> Option<String> {
    let Seen { clients, events, .. } = seen;
    let told = events.iter().find(|event| matches!(event.what, What::Server(_)))?.at;
    let ended = |client: &char| {
        let ended = events.iter().find(|it| it.client == *client && it.what == What::Ended);
        ended.map(|event| event.at)
    };
    let last = clients.iter().map(ended).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    Some(format!(
        "Ctrl-C came at {}: {} saw the end of their connections within {}.",
        figure(told),
        names(clients.iter().copied()),
        figure(last.saturating_sub(told))
    ))
}

/// What came of the clients that found no worker free and no place; and whether that is what is to be shown.
pub fn how_workers_were_shared(lanes: &[Lane]) -> (String, bool) {
    let first = |client: char, sign| {
        lanes.iter().find(|lane| lane.client == client).and_then(|lane| lane.first(sign))
    };
    let (left, served) = (first(SECOND, Sign::Done), first(QUEUED, Sign::Served));
    let (refused, done) = (first(REFUSED, Sign::Refused), first(FIRST, Sign::Done));
    let queued: Vec<&Lane> = lanes.iter().filter(|lane| lane.client == QUEUED).collect();
    let order = [refused, left.min(served), left.max(served), done];
    let as_expected = order.iter().all(Option::is_some) && order.is_sorted();
    let until = if as_expected {
        format!(", until {SECOND} had left. {REFUSED} was refused.")
    } else {
        ".".to_owned()
    };
    (format!("{}{until}", waits(&queued)), as_expected)
}

/// What happened, and whether it is what the act is there to show.
pub fn judge(seen: &Seen) -> (String, bool) {
    let Seen { act, lanes, .. } = seen;
    if let Some(Records { all, torn, .. }) = &seen.records {
        let sentence = format!("{torn} of {all} records are torn.");
        return (sentence, (*torn > 0) == act.server.0.contains("--unlocked"));
    }
    match act.conversation {
        Conversation::Stop => how_it_stopped(seen).map(|said| (said, true)).unwrap_or_default(),
        Conversation::Pool => how_workers_were_shared(lanes),
        _ => (what_happened(lanes), order(lanes) == act.expected),
    }
}

/// The table: a line for each act that was played.
pub fn table(shown: &[Seen]) -> String {
    let has_lanes = shown.iter().any(|shown| shown.records.is_none());
    let [wait, of] = if has_lanes { ["longest wait", "without A"] } else { [""; 2] };
    let mut table = format!("{:<ACT$}{wait:>WAIT$}{:>END$}\n", "", "all done");
    table += &format!("{:<ACT$}{of:>WAIT$}{:>END$}\n", "act", "after");
    for Seen { act, lanes, records, .. } in shown {
        let title = format!("{:>2}  {}", act.number, act.title);
        let end = lanes.iter().filter_map(|lane| lane.first(Sign::Done)).max();
        let end = end.map_or(String::new(), figure);
        let wait = match records {
            Some(Records { torn, all, .. }) => format!("{torn} of {all} torn"),
            None => {
                let waits = others(lanes).filter_map(Lane::longest_wait);
                waits.map(|(time, _)| time).max().map_or(String::new(), figure)
            }
        };
        table += &format!("{title:<ACT$}{wait:>WAIT$}{end:>END$}\n");
    }
    table
}

/// What a student should take home, if these acts have shown it.
pub fn take_home(shown: &[Seen]) -> Option<&'static str> {
    let is_shown = |number: &u8| shown.iter().any(|shown| shown.act.number == *number);
    TAKEN_FROM.iter().all(is_shown).then_some(TAKE_HOME)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::demo::acts::ACTS;
    use crate::draw::lanes::{Mark, Stretch};

    /// A client that came at once, waited and was served, thought and left at these milliseconds.
    fn lane(client: char, served: u64, done: u64) -> Lane {
        let [from, to, end] = [0, served, done].map(Duration::from_millis);
        Lane {
            client,
            stretches: vec![
                Stretch { from, to, doing: Doing::Waiting("its reply") },
                Stretch { from: to, to: end, doing: Doing::Thinking },
            ],
            marks: vec![Mark { at: to, sign: Sign::Served }, Mark { at: end, sign: Sign::Done }],
        }
    }

    #[test]
    fn the_sentence_says_what_the_order_shows() {
        let said = |lanes: &[Lane]| what_happened(lanes);
        assert_eq!(
            said(&[lane('A', 1, 500), lane('B', 501, 502), lane('C', 503, 504)]),
            "B waited 501 ms for its reply, C 503 ms: B and C were served only after A had thought."
        );
        assert_eq!(
            said(&[lane('A', 1, 500), lane('B', 3, 4), lane('C', 20, 30)]),
            "B waited 3.0 ms for its reply, C 20 ms: B and C were done while A was still thinking."
        );
        assert_eq!(
            said(&[lane('A', 1, 500), lane('B', 3, 4), lane('C', 501, 502)]),
            "B waited 3.0 ms for its reply, C 501 ms."
        );
        assert_eq!(
            said(&[lane('A', 1, 500), lane('B', 3, 501)]),
            "B waited 3.0 ms for its reply.",
            "served in time, but done too late to say more"
        );
    }

    #[test]
    fn every_title_has_room_in_the_table() {
        assert!(ACTS.iter().all(|act| "10  ".len() + act.title.len() <= ACT));
    }

    #[test]
    fn many_clients_are_summed_up() {
        let others = [('B', 3), ('C', 9), ('D', 7), ('E', 5)];
        let mut lanes = vec![lane('A', 1, 500)];
        lanes.extend(others.map(|(client, served)| lane(client, served, served + 1)));
        assert_eq!(
            what_happened(&lanes),
            "B to E each waited 3.0 ms to 9.0 ms for its reply: \
             B to E were done while A was still thinking."
        );
    }
}
