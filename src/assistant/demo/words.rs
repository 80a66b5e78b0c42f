//! The sentences and the table, with figures from the lanes.

use std::time::Duration;

use crate::client::conversation::{Conversation, FIRST, QUEUED, REFUSED, SECOND};
use crate::client::record::What;
use crate::demo::acts::Order;
use crate::demo::play::{Cast, Seen};
use crate::demo::records::Records;
use crate::draw::figures::{chosen, figure, spoken};
use crate::draw::lanes::{Doing, Lane, Sign};

/// More clients than this are not named one by one.
const ONE_BY_ONE: usize = 3;

/// Columns of the table: 60 in all, so that it fits every screen.
const ACT: usize = 36;
const RESULT: usize = 15;
const END: usize = 9;

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

/// Fills the cast in for `{think}` and `{others}`. Of `[is|are]` the first is for one other client, the second for more.
pub fn fill_in(text: &str, cast: &Cast) -> String {
    let others = &cast.clients[1..];
    let text = agree(text, others.len()).replace("{think}", &chosen(cast.think));
    text.replace("{others}", &names(others.iter().copied()))
}

fn agree(text: &str, clients: usize) -> String {
    let choose = |part: &str| match part.split_once('|') {
        Some((one, more)) => if clients == 1 { one } else { more }.to_owned(),
        None => part.to_owned(),
    };
    text.split(['[', ']']).map(choose).collect()
}

/// Who waited how long, and whether that was for the first client: by the order of the events.
fn what_happened(lanes: &[Lane]) -> String {
    let others: Vec<&Lane> = others(lanes).collect();
    let who = names(others.iter().map(|lane| lane.client));
    let why = match order(lanes) {
        Order::AfterFirst => format!(": {who} [was|were] served only after {FIRST} had thought."),
        Order::WhileFirstThinks => {
            format!(": {who} [was|were] done while {FIRST} was still thinking.")
        }
        Order::Mixed => ".".to_owned(),
    };
    waits(&others) + &agree(&why, others.len())
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
        let (shortest, longest) = (spoken(*shortest), spoken(longest));
        let range = if shortest == longest { longest } else { format!("{shortest} to {longest}") };
        // In an act with so many clients, all of them wait for the same.
        let what = what.replace("its ", "their ");
        return format!("{} each waited {range} for {what}", names(clients));
    }
    let of_one = |(time, other, client): &(_, &str, char)| {
        let what = if other == what { String::new() } else { format!(" for {other}") };
        format!(", {client} {}{what}", spoken(*time))
    };
    let rest: String = rest.iter().map(of_one).collect();
    format!("{first} waited {} for {what}{rest}", spoken(*shortest))
}

/// When the server was told to stop, and how long it took until its end had reached all its clients, if it did.
fn stop(seen: &Seen) -> Option<(Duration, Duration)> {
    let Seen { clients, events, .. } = seen;
    let told = events.iter().find(|event| matches!(event.what, What::Server(_)))?.at;
    let ended = |client: &char| {
        let ended = events.iter().find(|it| it.client == *client && it.what == What::Ended);
        ended.map(|event| event.at)
    };
    let last = clients.iter().map(ended).collect::<Option<Vec<_>>>()?.into_iter().max()?;
    Some((told, last.saturating_sub(told)))
}

/// How the server's end reached its clients; nothing if it did not reach all of them.
fn how_it_stopped(seen: &Seen) -> Option<String> {
    let (told, took) = stop(seen)?;
    Some(format!(
        "Ctrl-C came at {}: {} saw the end of their connections within {}.",
        spoken(told),
        names(seen.clients.iter().copied()),
        spoken(took)
    ))
}

/// When a sign stands in this client's lane for the first time.
fn first(lanes: &[Lane], client: char, sign: Sign) -> Option<Duration> {
    lanes.iter().find(|lane| lane.client == client).and_then(|lane| lane.first(sign))
}

/// What came of the clients that found no worker free and no place; and whether that is what is to be shown.
pub fn how_workers_were_shared(lanes: &[Lane]) -> (String, bool) {
    let (left, served) = (first(lanes, SECOND, Sign::Done), first(lanes, QUEUED, Sign::Served));
    let (refused, done) = (first(lanes, REFUSED, Sign::Refused), first(lanes, FIRST, Sign::Done));
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
        Conversation::Chat => {
            // It comes while the first client is there, and is told its number when that one has left.
            let came = first(lanes, QUEUED, Sign::Connected);
            let order = [came, first(lanes, FIRST, Sign::Done), first(lanes, QUEUED, Sign::Served)];
            (what_happened(lanes), order.iter().all(Option::is_some) && order.is_sorted())
        }
        _ => (what_happened(lanes), order(lanes) == act.expected),
    }
}

/// What came of an act: for the table, and for a sentence.
fn result(seen: &Seen) -> Option<[String; 2]> {
    if let Some(Records { torn, all, .. }) = &seen.records {
        return Some([
            format!("{torn} of {all} torn"),
            format!("{torn} of {all} records are torn"),
        ]);
    }
    if seen.act.conversation == Conversation::Stop {
        let (_, took) = stop(seen)?;
        let said = format!("all connections ended within {}", spoken(took));
        return Some([format!("ended in {}", figure(took)), said]);
    }
    let (wait, _) = others(&seen.lanes).filter_map(Lane::longest_wait).max()?;
    let said = format!("longest wait without {FIRST} {}", spoken(wait));
    Some([format!("waited {}", figure(wait)), said])
}

/// When the last client was done.
fn end(seen: &Seen) -> Duration {
    seen.lanes.iter().filter_map(|lane| lane.first(Sign::Done)).max().unwrap_or_default()
}

/// The table: a line for each act that was played.
pub fn table(shown: &[Seen]) -> String {
    let mut table = format!("{:<ACT$}{:>RESULT$}{:>END$}\n", "act", "result", "done at");
    for seen in shown {
        let title = format!("{:>2}  {}", seen.act.number, seen.act.title);
        let [result, _] = result(seen).unwrap_or_default();
        let room = (ACT + RESULT).saturating_sub(title.len());
        table += &format!("{title}{result:>room$}{:>END$}\n", figure(end(seen)));
    }
    table
}

/// The table in sentences.
pub fn summary(shown: &[Seen]) -> Vec<String> {
    let sentence = |seen: &Seen| {
        let result = result(seen).map_or(String::new(), |[_, said]| said + ", ");
        let end = spoken(end(seen));
        format!("Act {}, {}: {result}all done after {end}.", seen.act.number, seen.act.title)
    };
    shown.iter().map(sentence).collect()
}

/// What a student should take home, if these acts have shown it.
pub fn take_home(shown: &[Seen]) -> Option<&'static str> {
    let is_shown = |number: &u8| shown.iter().any(|shown| shown.act.number == *number);
    TAKEN_FROM.iter().all(is_shown).then_some(TAKE_HOME)
}

#[cfg(test)]
mod tests {
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
    fn texts_agree_with_the_number_of_other_clients() {
        assert_eq!(
            what_happened(&[lane('A', 1, 500), lane('B', 501, 502)]),
            "B waited 501 ms for its reply: B was served only after A had thought."
        );
        let filled = |clients: &str| {
            let clients = clients.chars().collect();
            let cast = Cast { clients, think: Duration::from_secs(2), enough: |_| false };
            fill_in("Thread[|s] of {others} [is|are] there for {think}.", &cast)
        };
        assert_eq!(filled("AB"), "Thread of B is there for 2 s.");
        assert_eq!(filled("ABC"), "Threads of B and C are there for 2 s.");
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
            "B to E each waited 3.0 ms to 9.0 ms for their reply: \
             B to E were done while A was still thinking."
        );
    }
}
