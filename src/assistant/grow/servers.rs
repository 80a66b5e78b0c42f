//! The servers whose waits are measured. One more server is one more entry.

use std::time::Duration;

use crate::client::conversation::Conversation;
use crate::process::examples::LabServer;

/// A server of the labs, with its options.
#[derive(Debug)]
pub struct Server {
    /// The server, with the options that make the difference.
    pub run: LabServer,
    /// What is special about it, in at most 21 characters.
    pub title: &'static str,
    /// How many clients may think at the same moment while it serves them; 0 if that is not known.
    pub at_once: usize,
    /// What its clients do.
    pub conversation: Conversation,
    /// What to ask before; `{clients}` and `{think}` are filled in.
    pub question: &'static str,
    /// Why the waits grow like this.
    pub reason: &'static str,
}

/// All clients may think at the same moment.
const ALL: usize = usize::MAX;

/// The servers, in the order in which they are shown.
pub const SERVERS: &[Server] = &[
    Server {
        run: LabServer("02_blocking_greeter_server"),
        title: "one thread",
        at_once: 1,
        conversation: Conversation::Greeter,
        question: "{clients} clients come at the same moment. Each waits for its greeting, thinks \
             for {think}, and answers. The server has one thread. How long does the last client \
             wait for its greeting? How much does one more client add to that?",
        reason: "Why: the thread waits in `read` while a client thinks. The client that is served \
             last has waited for all others.",
    },
    Server {
        run: LabServer("03_threaded_greeter_server"),
        title: "a thread per client",
        at_once: ALL,
        conversation: Conversation::Greeter,
        question: "{clients} clients come at the same moment, and each thinks for {think} after its \
             greeting. Each gets a thread of its own. How much does one more client add to the \
             longest wait now? How many threads are there?",
        reason: "Why: each thread waits for its own client, and all clients think at the same \
             time.",
    },
    Server {
        run: LabServer("07_locked_reverse_server -- --hold conversation"),
        title: "lock: conversation",
        at_once: 1,
        conversation: Conversation::Reverse,
        question: "{clients} clients come at the same moment, and each gets a thread. The thread holds \
             the one lock from its client's first message until the client leaves; the client \
             thinks for {think} meanwhile. How much does one more client add to the longest wait?",
        reason: "Why: the thread that holds the lock waits for its client, and all other threads \
             wait for the lock. So one client is served at a time, as if there were one thread.",
    },
    Server {
        run: LabServer("07_locked_reverse_server -- --hold record"),
        title: "lock: record",
        at_once: ALL,
        conversation: Conversation::Reverse,
        question: "The same server, but a thread holds the lock only while it prints. How much \
             does one more client add to the longest wait?",
        reason: "Why: no thread holds the lock while its client thinks.",
    },
    Server {
        run: LabServer("09_pooled_greeter_server -- --workers 8 --queue 100"),
        title: "eight threads",
        at_once: 8,
        conversation: Conversation::Greeter,
        question: "{clients} clients come at the same moment, and each thinks for {think} after its \
             greeting. Eight threads serve them, and no more are started; the other clients wait \
             in a queue. How much does one more client add to the longest wait? How many threads \
             are there?",
        reason: "Why: eight clients think at the same time, and the ninth waits until one of them \
             has left. The slope is an eighth of that of one thread, and more clients make no more \
             threads.",
    },
    Server {
        run: LabServer("11_polled_reverse_server"),
        title: "one thread in poll",
        at_once: ALL,
        conversation: Conversation::Reverse,
        question: "{clients} clients come at the same moment, and each thinks for {think} after its \
             reply. The server has one thread, which waits in one call for all clients at once. How \
             much does one more client add to the longest wait? How many threads are there?",
        reason: "Why: no call waits for one client alone, so no client waits while another one \
             thinks. One thread is enough for that.",
    },
];

/// A program of the student's own, by a shell's command line.
pub const YOURS: &Server = &Server {
    run: LabServer(""),
    title: "",
    at_once: 0,
    conversation: Conversation::Greeter,
    question: "The same {clients} clients, and this program of your own. How much does one more \
         client add to the longest wait?",
    reason: "",
};

impl Server {
    /// `02`.
    pub fn number(&self) -> &'static str {
        &self.run.lab()[..2]
    }

    /// What it is called beside its bars and its curve.
    pub fn name(&self) -> String {
        format!("{} {}", self.number(), self.title)
    }

    /// How long the client waits that is served last, if each thinks for `think`: (⌈N/k⌉ − 1)·T.
    pub fn predicted(&self, clients: usize, think: Duration) -> Option<Duration> {
        let turns = (self.at_once > 0).then(|| clients.div_ceil(self.at_once))?;
        Some(think * u32::try_from(turns.saturating_sub(1)).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::course::LABS;

    #[test]
    fn the_prediction_is_the_number_of_turns_before_ones_own() {
        let millis = |clients, at_once| {
            let server = Server { at_once, ..*YOURS };
            server.predicted(clients, Duration::from_millis(20)).unwrap().as_millis()
        };
        assert_eq!([1, 2, 64].map(|clients| millis(clients, 1)), [0, 20, 1260]);
        assert_eq!([1, 8, 9, 16, 17].map(|clients| millis(clients, 8)), [0, 0, 20, 20, 40]);
        assert_eq!([1, 64].map(|clients| millis(clients, ALL)), [0, 0]);
        assert_eq!(YOURS.predicted(64, Duration::from_millis(20)), None);
    }

    #[test]
    fn every_server_is_one_of_the_labs_and_its_name_has_room() {
        for server in SERVERS {
            assert!(LABS.iter().any(|lab| lab.name() == server.run.lab()), "{server:?}");
            assert!(server.name().chars().count() <= 24, "{}", server.name());
        }
    }
}
