//! Where the server's threads stand while a client waits in vain.

use std::time::Duration;

use crate::check::silence::Stood;
use crate::check::stage::Stage;
use crate::client::record::{Event, What};
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

    /// Where the server's threads stand at this moment, which clients it has not accepted, and whether
    /// it has accepted `who`, if no thread stands in a call for it.
    pub(super) fn look_at_threads(&mut self, who: char) -> Option<Stood> {
        let sample = self.watcher.as_mut()?.settled()?;
        let events = self.record.events();
        let name = |peer| {
            let is_own = |event: &&Event| event.what == What::Connected(peer);
            let own = events.iter().rfind(is_own);
            own.map_or_else(|| peer.to_string(), |event| event.client.to_string())
        };
        let own = sample.threads.iter().filter(|thread| !thread.waits_for_ctrl_c);
        let stands = |thread: &Thread| (thread.name.clone(), thread.sentence(name));
        let mut lines: Vec<(String, String)> = own.map(stands).collect();
        let own = self.clients.iter().find(|(name, _)| *name == who);
        let own = own.and_then(|(_, client)| client.address());
        let is_own = |one: &&Connection| Some(one.client) == own && one.accepted;
        if let Some(own) = sample.connections.iter().find(is_own) {
            if !sample.stands_for(own.client) {
                lines.push((who.to_string(), "is accepted".to_owned()));
            }
        }
        let pending = sample.connections.iter().filter(|one| !one.accepted);
        lines.extend(pending.map(|one| (name(one.client), "is not accepted".to_owned())));
        Some(Stood { sample, lines })
    }
}
