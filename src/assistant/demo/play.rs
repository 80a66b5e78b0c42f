//! Plays one act: a server, its clients, and a record of what happens.

use std::path::Path;
use std::time::{Duration, Instant};

use socketlab::Failure;

use crate::client::conversation::Conversation;
use crate::client::record::{CONSOLE, Event, Record, Waited, What, client_at};
use crate::client::scripted::ScriptedClient;
use crate::client::side_by_side;
use crate::demo::acts::Act;
use crate::demo::records::{self, Records};
use crate::draw::lanes::{Doing, Lane, read_lanes};
use crate::draw::thread_lanes::ThreadLanes;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::process::server_process::ServerProcess;
use crate::process::system;
use crate::threads::{Sampler, Unseen};

/// How long the server may take for anything, beside the time that the first client thinks.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked where the server's threads stand.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(50);

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

/// What has been seen of an act.
#[derive(Debug)]
pub struct Seen {
    pub act: Act,
    /// Who takes part.
    pub clients: Vec<char>,
    /// Until when; at its end, until the last event.
    pub now: Duration,
    /// What happened to the clients.
    pub events: Vec<Event>,
    pub lanes: Vec<Lane>,
    /// What the server printed meanwhile, and when.
    pub output: Vec<(Duration, String)>,
    /// The records among that, if they are the show.
    pub records: Option<Records>,
    /// Where the server's threads stood.
    pub threads: ThreadLanes,
    /// Why that is not known.
    pub unseen: Option<Unseen>,
}

impl Seen {
    fn nothing(act: Act, clients: Vec<char>) -> Self {
        let (events, lanes, output) = (Vec::new(), Vec::new(), Vec::new());
        let (now, threads) = (Duration::ZERO, ThreadLanes::default());
        Self { act, clients, now, events, lanes, output, records: None, threads, unseen: None }
    }

    fn update(&mut self, record: &Record, server: &ServerProcess, now: Duration) {
        self.now = now;
        self.events = record.events();
        self.lanes = read_lanes(&self.clients, &self.events, now);
        if self.act.conversation == Conversation::Stop {
            // They wait for nothing: the end is to come to them.
            let stretches = self.lanes.iter_mut().flat_map(|lane| &mut lane.stretches);
            let idle = stretches.filter(|stretch| stretch.doing == Doing::WaitingForEnd);
            idle.for_each(|stretch| stretch.doing = Doing::Busy);
        }
        self.output = server.lines_since(record.start());
        if self.act.conversation == Conversation::Names {
            self.records = Some(records::read(&self.events, &self.output));
        }
    }
}

/// Plays `act` with the server's `executable`, and shows every change to `watch`. Fails when the server or a client is
/// in trouble, and at Ctrl-C. No process is left then either.
pub fn play(
    act: &Act,
    cast: &Cast,
    executable: &Path,
    mut watch: impl FnMut(&Seen),
) -> Result<Seen, Stopped> {
    let stops_server = act.conversation == Conversation::Stop;
    if stops_server && !system::has_ctrl_c() {
        return Err(Stopped::Failed(Failure::new(format!(
            "act {} needs a signal that this system does not have: choose another one",
            act.number
        ))));
    }
    let patience = cast.think + PATIENCE;
    let mut server = ServerProcess::start(executable, &act.server.options(), PATIENCE)?;
    let address = server.address();
    let record = Record::begin();
    let follow = |(number, &client): (usize, &char)| {
        let before = number.checked_sub(1).map(|before| cast.clients[before]);
        let cue = |events: &[Event]| before.is_none_or(|before| act.next_may_come(before, events));
        match record.wait_until(patience, cue) {
            // Its trouble is in the record, where it is looked for below.
            Waited::Met => ScriptedClient::new(client, address, patience, &record)
                .follow(|it| act.conversation.script(client, it, cast.think, cast.enough)),
            Waited::TimedOut => {
                let why = "waited in vain for its turn to connect".to_owned();
                record.add(client, What::Failed(why));
            }
            Waited::Stopped => {}
        }
    };
    let mut seen = Seen::nothing(*act, cast.clients.clone());
    let look_on = || look_on(&mut seen, &record, &mut server, &mut watch);
    side_by_side(cast.clients.iter().enumerate(), follow, look_on, || record.stop())?;
    if stops_server {
        server.wait_for_end();
    } else {
        server.stop();
    }
    let end = record.events().last().map_or(Duration::ZERO, |event| event.at);
    seen.update(&record, &server, end);
    Ok(seen)
}

/// Waits until every client is done.
fn look_on(
    seen: &mut Seen,
    record: &Record,
    server: &mut ServerProcess,
    watch: &mut impl FnMut(&Seen),
) -> Result<(), Stopped> {
    let failed = |event: &Event| match &event.what {
        What::Failed(trouble) => Some(format!("did not do its part: {} {trouble}", event.client)),
        _ => None,
    };
    let mut sampler = Sampler::new(server.program().id());
    let mut sampled: Option<Instant> = None;
    let mut told_to_stop = false;
    loop {
        let before = seen.events.len();
        record.wait_until(POLL_INTERVAL, |events| events.len() > before);
        seen.update(record, server, record.start().elapsed());
        for event in seen.events.iter().skip(before) {
            if let What::Connected(own) = event.what {
                sampler.add_client(server.address(), own);
            }
        }
        if sampled.is_none_or(|at| at.elapsed() >= SAMPLE_INTERVAL) {
            sampled = Some(Instant::now());
            let (at, events) = (record.start().elapsed(), &seen.events);
            match sampler.look() {
                Ok(sample) => seen.threads.add(&sample, at, |peer| {
                    client_at(events, |own| own == peer)
                        .map_or_else(|| peer.to_string(), String::from)
                }),
                Err(Unseen::Ended) => {}
                Err(unseen) => seen.unseen = Some(unseen),
            }
        }
        watch(seen);
        interrupt::go_on()?;
        let done = seen.events.iter().filter(|event| event.what == What::Done).count();
        if done == seen.clients.len() {
            return Ok(());
        }
        if !told_to_stop && seen.act.is_time_to_stop(&seen.clients, &seen.events) {
            told_to_stop = true;
            record.add(CONSOLE, What::Server("told to stop by Ctrl-C".to_owned()));
            let _ = server.program().signal("INT");
        }
        let trouble = seen.events.iter().find_map(failed);
        if trouble.is_some() || (!told_to_stop && server.has_ended()) {
            let trouble = trouble.unwrap_or_else(|| "ended".to_owned());
            return Err(server.death().unwrap_or_else(|| server.trouble(&trouble)).into());
        }
    }
}
