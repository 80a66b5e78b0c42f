//! Fifty clients at once: records stay whole under the lock, and are torn without it.

use std::collections::HashMap;

use support::{NAMES_REPLY, Server};

const CLIENTS: usize = 50;
const MESSAGES: usize = 3;

/// Fifty clients, who come, speak and go all at the same time; returns what the console has shown.
fn crowd(server: &Server, reply: impl Fn(&str) -> String + Sync) -> Vec<String> {
    std::thread::scope(|threads| {
        for _ in 0..CLIENTS {
            threads.spawn(|| {
                let mut peer = server.connect();
                for number in 0..MESSAGES {
                    let message = format!("{} says {number}", peer.name());
                    peer.send(&message);
                    peer.expect(&reply(&message));
                }
            });
        }
    });
    server.wait_for_lines("  Bye", CLIENTS);
    server.lines()
}

/// Whether the console consists of whole records: a thread's name, and below it something that only this thread can have to say.
fn check_records(lines: &[String]) -> Result<(), String> {
    let mut peer_of: HashMap<&str, &str> = HashMap::new();
    let records = lines[1..].chunks_exact(2);
    let rest = records.remainder();
    for record in records {
        let (name, text) = (&record[0], &record[1]);
        let torn = || format!("torn: {name:?} stands above {text:?}");
        let name = name.strip_suffix(':').filter(|name| !name.starts_with(' ')).ok_or_else(torn)?;
        let text = text.strip_prefix("  ").ok_or_else(torn)?;
        if let Some(peer) = text.strip_prefix("new connection : ") {
            peer_of.insert(name, peer);
        } else if let Some(peer) = text.strip_prefix("Connected to: ") {
            // Lab 07 prints it as `IP : PORT`.
            peer_of.insert(name, peer.rsplit(' ').next().unwrap_or_default());
        } else if let Some((before, _)) = text.split_once(" says ") {
            let mine = peer_of.get(name).is_some_and(|peer| before.ends_with(peer));
            if !mine {
                return Err(format!("{name} has printed what another client said: {text}"));
            }
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(format!("half a record at the end: {rest:?}")) }
}

#[test]
fn records_of_fifty_clients_are_whole_under_the_lock() {
    let server = Server::start("06_locked_names_server", &["--pause", "1"]);
    let lines = crowd(&server, |_| NAMES_REPLY.to_owned());
    // Accepted, new connection, messages, Bye: two lines each; and the line at the start.
    assert_eq!(lines.len(), 1 + 2 * CLIENTS * (MESSAGES + 3));
    check_records(&lines).unwrap_or_else(|torn| panic!("{torn}"));
}

#[test]
fn records_of_fifty_clients_are_torn_without_it() {
    // Nothing forces two threads to print at the same moment, so there are several chances; one torn record is enough.
    let torn = (0..5).any(|_| {
        let server = Server::start("06_locked_names_server", &["--unlocked", "--pause", "1"]);
        check_records(&crowd(&server, |_| NAMES_REPLY.to_owned())).is_err()
    });
    assert!(torn, "five times, fifty clients have not torn a record");
}

#[test]
fn records_of_fifty_clients_are_whole_when_the_lock_is_held_for_a_record() {
    let server = Server::start("07_locked_reverse_server", &[]);
    let lines = crowd(&server, |message| message.chars().rev().collect());
    assert_eq!(lines.len(), 1 + 2 * CLIENTS * (MESSAGES + 2));
    check_records(&lines).unwrap_or_else(|torn| panic!("{torn}"));
}

#[test]
fn whole_conversations_stand_together_when_the_lock_is_held_for_one() {
    let server = Server::start("07_locked_reverse_server", &["--hold", "conversation"]);
    let lines = crowd(&server, |message| message.chars().rev().collect());
    // The lines past the lock cut in where they like; the rest is one block for each client.
    let locked = lines.iter().filter(|line| !line.ends_with("which waits for the lock"));
    let names: Vec<&String> = locked.skip(1).filter(|line| !line.starts_with(' ')).collect();
    let changes = names.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes, CLIENTS - 1, "a conversation is not in one piece");
}
