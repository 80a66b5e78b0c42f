//! Plays one act: a server, its clients, and a record of what happens.

use std::path::Path;
use std::thread;
use std::time::Duration;

use super::acts::{Act, FIRST};
use crate::assistant::interrupt::{self, LOOK_AGAIN, Stopped};
use crate::assistant::record::{Event, Record, Waited, What};
use crate::assistant::scripted_client::ScriptedClient;
use crate::assistant::server_process::ServerProcess;

/// How long the server may take for anything, beside the time that the first client thinks.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who takes part in an act.
#[derive(Debug, Clone)]
pub struct Cast {
    /// The clients; the first one thinks.
    pub clients: Vec<char>,
    /// How long it thinks at the most.
    pub think: Duration,
    /// What makes it think no longer.
    pub enough: fn(&[Event]) -> bool,
}

/// What an act has left behind.
#[derive(Debug)]
pub struct Played {
    /// What happened to the clients.
    pub events: Vec<Event>,
    /// What the server printed meanwhile, and when.
    pub output: Vec<(Duration, String)>,
}

/// Plays `act` with the server's `executable`, and shows every change to `watch`: the events so
/// far, and what time it is.
///
/// # Errors
/// When the server or a client is in trouble, and at Ctrl-C. No process is left then either.
pub fn play(
    act: &Act,
    cast: &Cast,
    executable: &Path,
    mut watch: impl FnMut(&[Event], Duration),
) -> Result<Played, Stopped> {
    let patience = cast.think + PATIENCE;
    let mut server = ServerProcess::start(executable, act.options, PATIENCE)?;
    let address = server.address();
    let record = Record::begin();
    thread::scope(|scope| {
        for (number, &client) in cast.clients.iter().enumerate() {
            let before = number.checked_sub(1).map(|before| cast.clients[before]);
            let script = act.script(client, cast.think, cast.enough);
            let record = &record;
            let follow = move || {
                let cue = |events: &[Event]| before.is_none_or(|before| may_come(events, before));
                if record.wait_until(patience, cue) == Waited::Met {
                    // Its trouble is in the record, where it is looked for below.
                    let _ = ScriptedClient::new(client, address, patience, record).follow(&script);
                }
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, follow) {
                record.stop();
                return Err(error.into());
            }
        }
        let ended = look_on(&record, &cast.clients, &mut server, &mut watch);
        // Ends the clients that are still there: the scope waits for them.
        record.stop();
        let output = server.lines_since(record.start());
        drop(server);
        ended.map(|()| Played { events: record.events(), output })
    })
}

/// A client comes when the first one has been served and the one before it has connected.
fn may_come(events: &[Event], before: char) -> bool {
    let has = |client, what: fn(&What) -> bool| {
        events.iter().any(|event| event.client == client && what(&event.what))
    };
    has(FIRST, |what| matches!(what, What::Received(_)))
        && has(before, |what| matches!(what, What::Connected(_)))
}

/// Waits until every client is done.
fn look_on(
    record: &Record,
    clients: &[char],
    server: &mut ServerProcess,
    watch: &mut impl FnMut(&[Event], Duration),
) -> Result<(), Stopped> {
    let done = |events: &[Event]| {
        events.iter().filter(|event| event.what == What::Done).count() == clients.len()
    };
    let failed = |events: &[Event]| {
        events.iter().find_map(|event| match &event.what {
            What::Failed(trouble) => Some(format!("{} {trouble}", event.client)),
            _ => None,
        })
    };
    loop {
        let seen = record.events().len();
        record.wait_until(LOOK_AGAIN, |events| events.len() > seen);
        let events = record.events();
        watch(&events, record.start().elapsed());
        if interrupt::requested() {
            return Err(Stopped::Interrupted);
        }
        if done(&events) {
            return Ok(());
        }
        if let Some(trouble) = failed(&events) {
            // When the server has died its clients notice first.
            let death = server.death();
            return Err(death.unwrap_or_else(|| server.trouble(&trouble)).into());
        }
        if let Some(death) = server.death() {
            return Err(death.into());
        }
    }
}
