//! What a sample looks like to a person: clients with letters, and how long each thread has stood where it stands.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::draw::terminal::{Size, clip, paint, wrap};
use crate::threads::{Connection, Place, Sample, Thread};

/// Columns of everything but the console: what belongs together should not be far apart.
const WIDEST: usize = 80;

/// Columns for the name of a thread: 15 bytes, and perhaps a number behind it.
const NAME: usize = 17;

/// Columns for how long it has stood there.
const TIME: usize = 10;

/// Lines that the console has at least.
const CONSOLE: usize = 3;

/// Lines of clients, accepted or not.
const CLIENTS: usize = 2;

/// What is known of the server, and since when.
#[derive(Debug, Default)]
pub struct View {
    /// Every client that has come, in this order: A, B, C, ….
    clients: Vec<SocketAddr>,
    threads: Vec<Standing>,
    connections: Vec<Connection>,
}

#[derive(Debug)]
struct Standing {
    thread: Thread,
    words: String,
    since: Instant,
}

/// A change that is worth a line: who, what makes a sentence of it, and what.
pub type Change = (String, &'static str, String);

impl View {
    /// Takes a sample over and returns what has changed.
    pub fn update(&mut self, sample: &Sample, now: Instant) -> Vec<Change> {
        // Of clients that have come since the last sample, the older thread is of the first.
        let serves = |client| {
            let is_for = |it: &Thread| matches!(it.place, Place::Read(peer) | Place::Write(peer) if peer == client);
            sample.threads.iter().position(is_for).unwrap_or(usize::MAX)
        };
        let mut connections = sample.connections.clone();
        connections.sort_by_key(|it| (!it.accepted, serves(it.client)));
        let mut changes = self.update_clients(&connections);
        let mut before: HashMap<u32, Standing> =
            self.threads.drain(..).map(|standing| (standing.thread.id, standing)).collect();
        for thread in &sample.threads {
            let words = thread.place_in_words(|peer| letter_of(&self.clients, peer));
            let known = before.remove(&thread.id).filter(|known| known.thread.name == thread.name);
            let same = known.filter(|known| known.words == words);
            if same.is_none() {
                changes.push((thread.name.clone(), thread.verb(), words.clone()));
            }
            // A thread that has run has left its place in between, even if it is back there.
            let stayed = same.filter(|known| known.thread.runs == thread.runs);
            let since = stayed.map_or(now, |known| known.since);
            self.threads.push(Standing { thread: thread.clone(), words, since });
        }
        let mut ended: Vec<Standing> = before.into_values().collect();
        ended.sort_by_key(|standing| standing.thread.id);
        let has_ended = |standing: Standing| (standing.thread.name, "", "has ended".to_owned());
        changes.extend(ended.into_iter().map(has_ended));
        changes
    }

    fn update_clients(&mut self, connections: &[Connection]) -> Vec<Change> {
        let mut changes = Vec::new();
        for connection in connections {
            let client = connection.client;
            let before = self.connections.iter().find(|before| before.client == client);
            if before.is_none() {
                // A port may be used again, by another client.
                self.clients.push(client);
            }
            let letter = letter_of(&self.clients, client);
            if before.is_none_or(|before| before.accepted != connection.accepted) {
                let not = if connection.accepted { "" } else { "not " };
                changes.push((letter, "is ", format!("{client}, {not}accepted")));
            }
        }
        for before in &self.connections {
            if !connections.iter().any(|connection| connection.client == before.client) {
                let letter = letter_of(&self.clients, before.client);
                changes.push((letter, "", "is gone".to_owned()));
            }
        }
        self.connections = connections.to_vec();
        changes
    }

    /// Whether a client has come.
    pub fn has_clients(&self) -> bool {
        !self.clients.is_empty()
    }

    /// The table of threads, the clients, and the last lines of the console: as many as fit.
    pub fn lines(&self, room: Size, now: Instant, colour: bool, console: &[String]) -> Vec<String> {
        if self.threads.is_empty() {
            return last_lines(console, room.rows, room.columns);
        }
        let width = room.columns.min(WIDEST);
        let places = width.saturating_sub(NAME + TIME);
        let clients = [self.clients(true, width), self.clients(false, width)].concat();

        let mut lines = vec![format!("{:NAME$}{:places$}{:>TIME$}", "THREAD", "STANDS IN", "FOR")];
        let fit = room.rows.saturating_sub(clients.len() + CONSOLE + 5).max(1);
        let mut threads: Vec<&Standing> = self.threads.iter().collect();
        let mut shown = fit;
        if threads.len() > fit {
            shown -= 1;
            // Those that have stood longest are worth most.
            threads.sort_by_key(|standing| (standing.thread.name != "main", standing.since));
        }
        for Standing { thread, since, .. } in threads.iter().take(shown) {
            let name = &thread.name;
            let words = thread.words(|peer| letter_of(&self.clients, peer));
            let words = format!("{:places$}", clip(&words, places.saturating_sub(1)));
            let words = paint(&words, colour_of(&thread.place), colour);
            let time = duration(now.saturating_duration_since(*since));
            lines.push(format!("{name:NAME$}{words}{time:>TIME$}"));
        }
        if threads.len() > shown {
            lines.push(format!("and {} more threads", threads.len() - shown));
        }
        lines.push(String::new());
        lines.extend(clients);
        lines.push(String::new());
        lines.push(format!("CONSOLE {}", "─".repeat(width.saturating_sub(8))));
        lines.extend(last_lines(console, room.rows.saturating_sub(lines.len()), room.columns));
        lines.truncate(room.rows);
        lines
    }

    /// The accepted clients or the others: their letters and addresses.
    fn clients(&self, accepted: bool, width: usize) -> Vec<String> {
        let connections = self.connections.iter().filter(|one| one.accepted == accepted);
        let clients: Vec<String> = connections
            .map(|connection| {
                let Connection { client, unread, unsent, .. } = connection;
                let mut text = format!("{} {client}", letter_of(&self.clients, *client));
                if *unread > 0 {
                    text += &format!(" ({unread} bytes unread)");
                }
                if *unsent > 0 {
                    text += &format!(" ({unsent} bytes unsent)");
                }
                text
            })
            .collect();
        let label = if accepted { "Accepted:" } else { "Not accepted:" };
        if clients.is_empty() {
            return if accepted { vec![format!("{label} none")] } else { Vec::new() };
        }
        let lines = |shown| {
            let mut words = clients[..shown].to_vec();
            if shown < clients.len() {
                words.push(format!("and {} more", clients.len() - shown));
            }
            fill(label, &words, width)
        };
        let fits = |lines: &Vec<String>| lines.len() <= CLIENTS;
        (1..=clients.len()).rev().map(lines).find(fits).unwrap_or_else(|| lines(0))
    }
}

/// The last lines of the console, wrapped: as many as fit.
pub fn last_lines(console: &[String], rows: usize, columns: usize) -> Vec<String> {
    let console = &console[console.len().saturating_sub(rows)..];
    let wrapped = wrap(&console.join("\n"), columns);
    let mut lines: Vec<String> = wrapped.lines().map(|line| clip(line, columns)).collect();
    lines.drain(..lines.len().saturating_sub(rows));
    lines
}

/// Puts `items` behind `label`, with commas, into lines of at most `width` columns. None is broken.
fn fill(label: &str, items: &[String], width: usize) -> Vec<String> {
    let mut lines = vec![label.to_owned()];
    for (number, item) in items.iter().enumerate() {
        let comma = if number + 1 < items.len() { "," } else { "" };
        let line = lines.last().map_or(0, |line| line.chars().count());
        if line + 1 + item.chars().count() + comma.len() > width {
            lines.push(" ".repeat(label.len()));
        }
        if let Some(line) = lines.last_mut() {
            *line += &format!(" {item}{comma}");
        }
    }
    lines
}

/// The name of a client; its address if it is not one.
fn letter_of(clients: &[SocketAddr], peer: SocketAddr) -> String {
    let position = clients.iter().rposition(|client| *client == peer);
    position.map_or_else(|| peer.to_string(), letters)
}

/// A to Z, AA, AB, ….
fn letters(mut number: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.extend(('A'..='Z').nth(number % 26));
        match (number / 26).checked_sub(1) {
            Some(rest) => number = rest,
            None => return letters.into_iter().rev().collect(),
        }
    }
}

/// How long, in whole seconds.
fn duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// The colour of what a thread waits for: another thread, a client, or nothing. Green and cyan are pale on white, and the
/// bright colours are grey in the Solarized palette.
fn colour_of(place: &Place) -> &'static str {
    match place {
        Place::Lock(_) | Place::Join(_) => "31",
        Place::Read(_) | Place::Write(_) | Place::Input => "35",
        Place::Running => "1",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: Size = Size { columns: 80, rows: 20 };

    fn client(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn connection(port: u16, accepted: bool, unread: u32) -> Connection {
        Connection { client: client(port), accepted, unread, arriving: 0, unsent: 0 }
    }

    /// Lab 07 with its lock held too long; C has only just come.
    fn sample() -> Sample {
        Sample {
            threads: vec![
                Thread::standing(1, "main", Place::Accept),
                Thread::standing(2, "Thread-1", Place::Read(client(50_112))),
                Thread::standing(3, "Thread-2", Place::Lock(1)),
            ],
            connections: vec![
                connection(50_112, true, 0),
                connection(50_114, true, 17),
                connection(50_116, false, 0),
            ],
            ..Sample::default()
        }
    }

    #[test]
    fn a_sample_becomes_a_table() {
        let mut view = View::default();
        let start = Instant::now();
        view.update(&sample(), start);
        let later = start + Duration::from_secs(65);
        let mut next = sample();
        next.threads[0].runs += 1; // it has run, and is back in its place
        assert_eq!(view.update(&next, later), []);
        let console: Vec<String> = (1..=99).map(|number| format!("line {number}")).collect();
        let room = Size { rows: 14, ..ROOM };
        let wanted = "\
THREAD           STANDS IN                                                   FOR
main             accept                                                      0 s
Thread-1         read, for A                                          1 min 05 s
Thread-2         waits for lock 1                                     1 min 05 s

Accepted: A 127.0.0.1:50112, B 127.0.0.1:50114 (17 bytes unread)
Not accepted: C 127.0.0.1:50116

CONSOLE ────────────────────────────────────────────────────────────────────────
line 95
line 96
line 97
line 98
line 99";
        assert_eq!(view.lines(room, later, false, &console).join("\n"), wanted);
        assert!(view.lines(room, later, true, &console)[3].contains("\x1b[31mwaits for lock 1 "));
    }

    #[test]
    fn a_crowd_leaves_room_for_the_console() {
        let mut view = View::default();
        let mut crowd = Sample::default();
        for number in 0..40_u16 {
            let name = format!("Thread-{number}");
            crowd.threads.push(Thread::standing(number.into(), &name, Place::Parked));
            crowd.connections.push(connection(50_000 + number, number < 30, 0));
        }
        let now = Instant::now();
        view.update(&crowd, now);
        for columns in [40, 80, 200] {
            let console = ["first".to_owned(), "é".repeat(300)];
            let lines = view.lines(Size { columns, ..ROOM }, now, false, &console);
            assert!(lines.len() <= ROOM.rows, "{lines:#?}");
            assert!(lines.iter().all(|line| line.chars().count() <= columns), "{lines:#?}");
            assert!(lines.iter().any(|line| line.ends_with(" more threads")), "{lines:#?}");
            assert!(lines.contains(&"first".to_owned()), "{lines:#?}");
            assert_eq!(lines.iter().filter(|line| line.ends_with(" more")).count(), 2);
        }
        // `main` stays, and the threads that have just moved make room for those that have not.
        crowd.threads[0].name = "main".to_owned();
        crowd.threads[..20].iter_mut().for_each(|thread| thread.runs += 1);
        view.update(&crowd, now + Duration::from_secs(5));
        let lines = view.lines(ROOM, now + Duration::from_secs(9), false, &[]);
        let shown: Vec<&str> =
            lines.iter().filter_map(|line| line.split_once(' ')).map(|it| it.0).collect();
        assert_eq!(shown[1..4], ["main", "Thread-20", "Thread-21"], "{lines:#?}");
        for rows in 0..12 {
            assert!(view.lines(Size { rows, ..ROOM }, now, false, &[]).len() <= rows);
        }
    }

    #[test]
    fn every_change_is_a_line() {
        let mut view = View::default();
        let now = Instant::now();
        let said = |changes: Vec<Change>| -> Vec<String> {
            changes.iter().map(|(who, verb, what)| format!("{who} {verb}{what}")).collect()
        };
        let wanted = [
            "A is 127.0.0.1:50112, accepted",
            "B is 127.0.0.1:50114, accepted",
            "C is 127.0.0.1:50116, not accepted",
            "main is in accept",
            "Thread-1 is in read, for A",
            "Thread-2 waits for lock 1",
        ];
        assert_eq!(said(view.update(&sample(), now)), wanted);
        assert_eq!(view.update(&sample(), now), []);
        let mut next = sample();
        next.connections.remove(0);
        next.connections[1].accepted = true;
        next.threads.remove(1);
        next.threads[1].place = Place::Read(client(50_114));
        let wanted = [
            "C is 127.0.0.1:50116, accepted",
            "A is gone",
            "Thread-2 is in read, for B",
            "Thread-1 has ended",
        ];
        assert_eq!(said(view.update(&next, now)), wanted);
        // The same port again is another client.
        let wanted = ["D is 127.0.0.1:50112, accepted"];
        next.connections.push(connection(50_112, true, 0));
        assert_eq!(said(view.update(&next, now)), wanted);
    }

    #[test]
    fn letters_do_not_run_out() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(letters),
            ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
        );
    }
}
