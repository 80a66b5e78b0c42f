//! Where the server's threads stand while a client waits in vain.

use std::time::Duration;

use crate::check::finding::{Standing, Stands};
use crate::check::stage::Stage;
use crate::check::stage::silence::Stood;
use crate::client::record::{Event, What};
use crate::process::system;
use crate::threads::{Connection, Thread};

impl Stage<'_> {
    /// Writes down that a client waits in vain, and where the server's threads stand meanwhile.
    pub fn nothing_came(&mut self, who: char) {
        self.stood = self.look_at_threads(who);
        let events = self.record.events();
        let waits = |event: &&Event| {
            event.client == who && matches!(event.what, What::Waiting(_) | What::WaitingForEnd)
        };
        let since = events.iter().rfind(waits).map_or(Duration::ZERO, |event| event.at);
        let now = self.record.start().elapsed();
        self.note(who, What::StillWaiting(now.saturating_sub(since)));
    }

    /// Where the server's threads stand at this moment, while `who` waits.
    pub(in crate::check) fn look_at_threads(&mut self, who: char) -> Option<Stood> {
        let sample = self.watcher.as_mut()?.settled()?;
        Some(Stood { sample, waiting: self.address_of(who) })
    }

    /// Where the server's threads stood when a client waited in vain, the last time: the threads, then
    /// that client, if it was accepted and no thread stood in a call for it, then those that were not accepted.
    pub fn take_standing(&mut self) -> Vec<Standing> {
        let Some(stood) = self.stood.take().filter(Stood::says_anything) else {
            return Vec::new();
        };
        let events = self.record.events();
        let name = |peer| {
            let is_own = |event: &&Event| event.what == What::Connected(peer);
            let own = events.iter().rfind(is_own);
            own.map_or_else(|| peer.to_string(), |event| event.client.to_string())
        };
        let thread = |thread: &Thread| Standing {
            name: thread.name.clone(),
            stands: Stands::Thread(thread.place.clone()),
            words: thread.sentence(name),
        };
        let client = |one: &Connection| {
            let (stands, words) = match one.accepted {
                true => (Stands::Accepted, "is accepted"),
                false => (Stands::Pending, "is not accepted"),
            };
            Standing { name: name(one.client), stands, words: words.to_owned() }
        };
        let connections = &stood.sample.connections;
        let is_own = |one: &&Connection| {
            one.accepted
                && Some(one.client) == stood.waiting
                && !stood.sample.stands_for(one.client)
        };
        let pending = connections.iter().filter(|one| !one.accepted);
        let clients = connections.iter().find(is_own).into_iter().chain(pending);
        let mut standing: Vec<_> = stood.threads().map(thread).chain(clients.map(client)).collect();
        if system::has_other_words() {
            standing.iter_mut().for_each(|it| it.words = it.words.to_uppercase());
        }
        standing
    }
}
