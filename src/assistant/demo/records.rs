//! What lab 06 prints of its clients' messages, record by record.

use std::time::Duration;

use socketlab::printable;

use crate::client::record::{Event, What, client_at};
use crate::draw::text::ConsoleLine;
use crate::process::program::escaped;

/// The console between the first message that counts and the last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Records {
    pub lines: Vec<ConsoleLine>,
    /// How many records are whole or torn.
    pub all: usize,
    /// How many have a line of another client inside.
    pub torn: usize,
}

/// Reads what the server has printed. Each client's first message does not count: with it, the client
/// only makes sure that its thread is there.
///
/// A record is a line `Thread-N:` and a line with a message. The client of a message is the one that has
/// sent it. The client of `Thread-N` is the one that was connected as the Nth: `main` says so, in
/// records that no other thread of the same kind can tear apart from each other.
pub fn read(events: &[Event], output: &[(Duration, String)]) -> Records {
    let threads: Vec<Option<char>> = output
        .iter()
        .filter_map(|(_, line)| line.strip_prefix("  Connected to : "))
        .map(|peer| client_at(events, |own| own.to_string() == peer.replace(" : ", ":")))
        .collect();
    let of_thread = |line: &str| {
        let number: usize = line.strip_prefix("Thread-")?.strip_suffix(':')?.parse().ok()?;
        *threads.get(number.checked_sub(1)?)?
    };
    let of_message =
        |line: &str| sender(events, line.strip_prefix("  Received from the client : ")?);
    let is_first = |line: &str| of_message(line).is_some_and(|(_, first)| first);
    let start = output.iter().rposition(|(_, line)| is_first(line)).map_or(0, |last| last + 1);

    let mut records = Records::default();
    // The clients whose records have begun and not ended, with the place of their first line, and whether another's
    // line was inside.
    let mut open: Vec<(char, usize, bool)> = Vec::new();
    for (at, line) in &output[start..] {
        let (client, is_message) = match (of_message(line), of_thread(line)) {
            (Some((client, false)), _) => (client, true),
            (_, Some(client)) => (client, false),
            _ => continue,
        };
        open.iter_mut().filter(|(other, ..)| *other != client).for_each(|(.., torn)| *torn = true);
        let mut is_torn = false;
        if !is_message {
            open.push((client, records.lines.len(), false));
        } else if let Some(place) = open.iter().position(|(other, ..)| *other == client) {
            let (_, first, torn) = open.remove(place);
            records.all += 1;
            records.torn += usize::from(torn);
            records.lines[first].is_torn = torn;
            is_torn = torn;
        }
        let text = escaped(line);
        records.lines.push(ConsoleLine { at: *at, client, text, is_torn });
    }
    // What follows the last message belongs to records that are not about one.
    let is_message = |line: &ConsoleLine| of_message(&line.text).is_some();
    let end = records.lines.iter().rposition(is_message).map_or(0, |last| last + 1);
    records.lines.truncate(end);
    records
}

/// Who has sent this, and whether it was the client's first message.
fn sender(events: &[Event], text: &str) -> Option<(char, bool)> {
    let found = events.iter().find(
        |event| matches!(&event.what, What::Sent(bytes) if printable(bytes).to_string() == text),
    )?;
    let first = events
        .iter()
        .find(|event| event.client == found.client && matches!(event.what, What::Sent(_)));
    Some((found.client, first == Some(found)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events() -> Vec<Event> {
        let mut events = Vec::new();
        for (client, port) in [('A', 501), ('B', 502)] {
            let mut add = |what| events.push(Event { at: Duration::ZERO, client, what });
            add(What::Connected(([127, 0, 0, 1], port).into()));
            for message in ["hello", "one", "two"] {
                add(What::Sent(format!("{message} {client}").into()));
            }
        }
        events
    }

    fn read_lines(lines: &[&str]) -> Records {
        let before = [
            "The names server is listening on 127.0.0.1:2022",
            "main:",
            "  Connected to : 127.0.0.1 : 501",
            "main:",
            "Thread-1:",
            "  Connected to : 127.0.0.1 : 502",
            "Thread-1:",
            "  new connection : 127.0.0.1:501",
            "  Received from the client : hello A",
            "Thread-2:",
            "  Received from the client : hello B",
        ];
        let lines = before.iter().chain(lines);
        let output: Vec<_> = lines.map(|line| (Duration::ZERO, (*line).to_owned())).collect();
        read(&events(), &output)
    }

    #[test]
    fn whole_records_follow_one_another() {
        let records = read_lines(&[
            "Thread-2:",
            "  Received from the client : one B",
            "Thread-1:",
            "  Received from the client : one A",
            "Thread-2:",
            "  Bye",
        ]);
        assert_eq!((records.all, records.torn), (2, 0));
        let clients: String = records.lines.iter().map(|line| line.client).collect();
        assert_eq!(clients, "BBAA", "what is about no message is left out");
        assert!(!records.lines.iter().any(|line| line.is_torn));
    }

    #[test]
    fn both_lines_of_a_record_are_torn_by_a_line_inside() {
        let records = read_lines(&[
            "Thread-1:",
            "Thread-2:",
            "  Received from the client : one A",
            "  Received from the client : one B",
            "Thread-1:",
            "Thread-2:",
            "  Received from the client : two B",
            "  Received from the client : two A",
        ]);
        assert_eq!((records.all, records.torn), (4, 3));
        let torn: Vec<bool> = records.lines.iter().map(|line| line.is_torn).collect();
        assert_eq!(torn, [true, true, true, true, true, false, false, true]);
    }
}
