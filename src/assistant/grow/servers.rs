//! The servers whose waits are measured. One more server is one more entry.

use std::time::Duration;

use crate::client::record::What;
use crate::client::scripted::{ScriptedClient, Trouble};

/// A server of the labs, with its options.
#[derive(Debug)]
pub struct Server {
    /// The lab that it belongs to.
    pub lab: &'static str,
    /// Options that make the difference.
    pub options: &'static [&'static str],
    /// What is special about it, in at most 21 characters.
    pub title: &'static str,
    /// How many clients may think at the same moment while it serves them; `None` for all.
    pub at_once: Option<usize>,
    /// What its clients do.
    pub conversation: Conversation,
    /// What to ask before; `{clients}` and `{think}` are filled in.
    pub question: &'static str,
    /// Why the waits grow like this.
    pub reason: &'static str,
}

/// How a client and the server talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversation {
    /// The server greets; the client thinks, answers, and waits for the end.
    Greeter,
    /// The client sends; it has its reply, thinks, and closes.
    Reverse,
}

/// The servers, in the order in which they are shown.
pub const SERVERS: &[Server] = &[
    Server {
        lab: "02_blocking_greeter",
        options: &[],
        title: "one thread",
        at_once: Some(1),
        conversation: Conversation::Greeter,
        question: "{clients} clients come at the same moment. Each waits for its greeting, thinks \
             for {think}, and answers. The server has one thread. How long does the last client \
             wait for its greeting? How much does one more client add to that?",
        reason: "Why: the thread waits in `read` while a client thinks. The client that is served \
             last has waited for all others.",
    },
    Server {
        lab: "03_threaded_greeter",
        options: &[],
        title: "a thread per client",
        at_once: None,
        conversation: Conversation::Greeter,
        question: "{clients} clients come at the same moment, and each thinks for {think} after its \
             greeting. Each gets a thread of its own. How much does one more client add to the \
             longest wait now? How many threads are there?",
        reason: "Why: each thread waits for its own client, and all clients think at the same \
             time.",
    },
    Server {
        lab: "07_locked_reverse",
        options: &["--hold", "conversation"],
        title: "lock: conversation",
        at_once: Some(1),
        conversation: Conversation::Reverse,
        question: "Each of the {clients} clients has a thread again. The thread holds the one lock \
             from its client's first message until the client leaves; the client thinks for \
             {think} meanwhile. How much does one more client add to the longest wait?",
        reason: "Why: the thread that holds the lock waits for its client, and all other threads \
             wait for the lock. It is the queue of lab 02 again, with more threads.",
    },
    Server {
        lab: "07_locked_reverse",
        options: &["--hold", "record"],
        title: "lock: record",
        at_once: None,
        conversation: Conversation::Reverse,
        question: "The same server, but a thread holds the lock only while it prints. How much \
             does one more client add to the longest wait?",
        reason: "Why: no thread holds the lock while its client thinks.",
    },
    Server {
        lab: "09_pooled_greeter",
        options: &["--workers", "8", "--queue", "100"],
        title: "eight threads",
        at_once: Some(8),
        conversation: Conversation::Greeter,
        question: "The clients of lab 02 again. Eight threads serve them, and no more are \
             started; the other clients wait in a queue. How much does one more client add to the longest wait \
             now? How many threads are there?",
        reason: "Why: eight clients think at the same time, and the ninth waits until one of them \
             has left. The slope is an eighth of lab 02's, and more clients make no more threads.",
    },
    Server {
        lab: "11_polled_reverse",
        options: &[],
        title: "one thread in poll",
        at_once: None,
        conversation: Conversation::Reverse,
        question: "One thread again, but it waits in one call for all clients at once. How much \
             does one more client add to the longest wait? How many threads are there?",
        reason: "Why: no call waits for one client alone, so no client waits while another one \
             thinks. One thread is enough for that.",
    },
];

/// A program of the student's own, by a shell's command line.
pub const YOURS: &Server = &Server {
    lab: "",
    options: &[],
    title: "",
    at_once: None,
    conversation: Conversation::Greeter,
    question: "The same {clients} clients, and this program of your own. How much does one more \
         client add to the longest wait?",
    reason: "",
};

impl Server {
    /// `02`.
    pub fn number(&self) -> &'static str {
        &self.lab[..2]
    }

    /// The example that is run.
    pub fn example(&self) -> String {
        format!("{}_server", self.lab)
    }

    /// What it is called beside its bars and its curve.
    pub fn name(&self) -> String {
        format!("{} {}", self.number(), self.title)
    }

    /// What one types to run it by hand.
    pub fn command(&self) -> String {
        let dashes = if self.options.is_empty() { "" } else { " -- " };
        format!("cargo run --example {}{dashes}{}", self.example(), self.options.join(" "))
    }
}

/// How long the client waits that is served last, if `at_once` clients are served at the same time
/// and each thinks for `think`: (⌈N/k⌉ − 1)·T.
pub fn predicted(clients: usize, at_once: Option<usize>, think: Duration) -> Duration {
    let turns = at_once.map_or(1, |at_once| clients.div_ceil(at_once.max(1)));
    think * u32::try_from(turns.saturating_sub(1)).unwrap_or(u32::MAX)
}

impl Conversation {
    /// What a client does that thinks for `think`.
    ///
    /// # Errors
    /// When a step does not go as it should.
    pub fn script(self, client: &mut ScriptedClient<'_>, think: Duration) -> Result<(), Trouble> {
        client.connect()?;
        match self {
            Self::Greeter => {
                client.expect("Do you want to play a game?\n", "its greeting", What::Received)?;
                client.think(think, |_| false)?;
                client.send(b"yes")?;
                client.expect_end()?;
            }
            Self::Reverse => {
                client.send(b"hello")?;
                client.expect("olleh", "its reply", What::Received)?;
                client.think(think, |_| false)?;
            }
        }
        client.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::course::LABS;

    #[test]
    fn the_prediction_is_the_number_of_turns_before_ones_own() {
        let millis =
            |clients, at_once| predicted(clients, at_once, Duration::from_millis(20)).as_millis();
        assert_eq!([1, 2, 64].map(|clients| millis(clients, Some(1))), [0, 20, 1260]);
        assert_eq!([1, 8, 9, 16, 17].map(|clients| millis(clients, Some(8))), [0, 0, 20, 20, 40]);
        assert_eq!([1, 64].map(|clients| millis(clients, None)), [0, 0]);
    }

    #[test]
    fn every_server_is_one_of_the_labs_and_its_name_has_room() {
        for server in SERVERS {
            assert!(LABS.iter().any(|lab| lab.name == server.lab), "{}", server.lab);
            assert!(server.name().chars().count() <= 24, "{}", server.name());
        }
    }
}
