//! What a sample looks like to a person: clients with letters, and for how long each thread has stood
//! where it stands.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socketlab::printable;

use crate::assistant::terminal::{Size, wrap};
use crate::assistant::threads::{Connection, Place, Sample, Thread};

/// Columns for the name of a thread: 15 bytes, and a number behind it.
const NAME: usize = 18;

/// Columns for how long it has stood there.
const TIME: usize = 12;

/// Lines that the console has at least.
const CONSOLE: usize = 5;

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

/// A thread in its place.
#[derive(Debug)]
struct Standing {
    thread: Thread,
    words: String,
    since: Instant,
}

/// A change that is worth a line: who, and what.
pub type Change = (String, String);

impl View {
    /// Takes a sample over and returns what has changed.
    pub fn update(&mut self, sample: &Sample, now: Instant) -> Vec<Change> {
        let mut changes = self.update_clients(&sample.connections);
        let mut before: HashMap<u32, Standing> =
            self.threads.drain(..).map(|standing| (standing.thread.id, standing)).collect();
        for thread in &sample.threads {
            let words = thread.words(|peer| letter_of(&self.clients, peer));
            let name = printable(&thread.name).to_string();
            let known = before.remove(&thread.id).filter(|known| known.thread.name == thread.name);
            let same = known.filter(|known| known.words == words);
            if same.is_none() {
                changes.push((name, words.clone()));
            }
            // A thread that has run has left its place in between, even if it is back there.
            let stayed = same.filter(|known| known.thread.runs == thread.runs);
            let since = stayed.map_or(now, |known| known.since);
            self.threads.push(Standing { thread: thread.clone(), words, since });
        }
        let mut ended: Vec<Standing> = before.into_values().collect();
        ended.sort_by_key(|standing| standing.thread.id);
        let has_ended = |standing: Standing| {
            (printable(&standing.thread.name).to_string(), "has ended".to_owned())
        };
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
            match (before, connection.accepted) {
                (None, true) => changes.push((letter, format!("{client}, accepted"))),
                (None, false) => changes.push((letter, format!("{client}, not accepted"))),
                (Some(before), true) if !before.accepted => {
                    changes.push((letter, "accepted".to_owned()));
                }
                _ => {}
            }
        }
        for before in &self.connections {
            if !connections.iter().any(|connection| connection.client == before.client) {
                changes.push((letter_of(&self.clients, before.client), "is gone".to_owned()));
            }
        }
        self.connections = connections.to_vec();
        changes
    }

    /// The table of threads, the clients, and the last lines of the console: as many as fit.
    pub fn lines(&self, room: Size, now: Instant, colour: bool, console: &[String]) -> Vec<String> {
        let width = room.columns.min(100);
        let places = width.saturating_sub(NAME + TIME);
        let mut clients = self.clients(true, width);
        clients.extend(self.clients(false, width));

        let mut lines = vec![format!("{:NAME$}{:places$}{:>TIME$}", "THREAD", "STANDS IN", "FOR")];
        let fit = room.rows.saturating_sub(clients.len() + CONSOLE + 5).max(1);
        let shown = if self.threads.len() > fit { fit - 1 } else { fit };
        for Standing { thread, words, since } in self.threads.iter().take(shown) {
            let name = printable(&thread.name).to_string();
            let words = paint(&format!("{words:places$}"), &thread.place, colour);
            let time = duration(now.saturating_duration_since(*since));
            lines.push(format!("{name:NAME$}{words}{time:>TIME$}"));
        }
        if self.threads.len() > shown {
            lines.push(format!("and {} more threads", self.threads.len() - shown));
        }
        lines.push(String::new());
        lines.extend(clients);
        lines.push(String::new());
        lines.push(format!("CONSOLE {}", "─".repeat(width.saturating_sub(8))));
        let left = room.rows.saturating_sub(lines.len());
        let console = &console[console.len().saturating_sub(left)..];
        lines.extend(console.iter().map(|line| line.chars().take(room.columns).collect()));
        lines.truncate(room.rows);
        lines
    }

    /// The accepted clients or the others: their letters and addresses.
    fn clients(&self, accepted: bool, width: usize) -> Vec<String> {
        let connections = self.connections.iter().filter(|one| one.accepted == accepted);
        let mut clients: Vec<String> = connections
            .map(|connection| {
                let Connection { client, unread, unsent, .. } = connection;
                let letter = letter_of(&self.clients, *client);
                let mut text = format!("{letter} {client}");
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
        let all = clients.len();
        loop {
            let more = all - clients.len();
            let end = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = wrap(&format!("{label} {}{end}", clients.join(", ")), width);
            if text.lines().count() <= CLIENTS || clients.len() <= 1 {
                return text.lines().map(str::to_owned).collect();
            }
            clients.pop();
        }
    }
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

/// Colours what a thread waits for: a client, another thread, or nothing.
fn paint(text: &str, place: &Place, colour: bool) -> String {
    // The parameters of SGR (ECMA-48, 8.3.117).
    let code = match place {
        Place::Lock(_) | Place::Join(_) => "91",
        Place::Read(_) | Place::Write(_) | Place::Input => "36",
        Place::Running => "32",
        _ => return text.to_owned(),
    };
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
