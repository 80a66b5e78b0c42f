//! The acts: which server each of them runs, and what its clients do.

use std::time::Duration;

use crate::assistant::client::record::Event;
use crate::assistant::client::scripted::Step;

/// The client that comes first and takes its time.
pub const FIRST: char = 'A';

/// One act of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// 1 to 4.
    pub number: u8,
    /// The lab that it belongs to.
    pub lab: &'static str,
    /// Options of the lab's server.
    pub options: &'static [&'static str],
    /// What is special about this server.
    pub title: &'static str,
    /// What to ask before the act; `{others}` and `{think}` are filled in.
    pub question: &'static str,
    /// The name of its picture, in a folder named after the lab.
    pub picture: &'static str,
    system: System,
}

/// What a conversation consists of.
#[derive(Debug, Clone, Copy)]
enum System {
    /// The server greets, the client answers.
    Greeter,
    /// The client sends, the server replies.
    Reverse,
}

/// The demonstration.
pub const ACTS: [Act; 4] = [
    Act {
        number: 1,
        lab: "02_blocking_greeter",
        options: &[],
        title: "one client at a time",
        question: "A has its greeting and thinks for {think}. When do {others} get theirs?",
        picture: "demo.svg",
        system: System::Greeter,
    },
    Act {
        number: 2,
        lab: "03_threaded_greeter",
        options: &[],
        title: "a thread per client",
        question: "The same clients, but each gets a thread. Whose lane will look different?",
        picture: "demo.svg",
        system: System::Greeter,
    },
    Act {
        number: 3,
        lab: "07_locked_reverse",
        options: &["--hold", "conversation"],
        title: "a thread per client, and a lock that is held too long",
        question: "Each client has a thread, and the thread holds the console's lock until its \
             client leaves. A has its first reply and thinks for {think}. When do {others} get \
             a reply?",
        picture: "demo-conversation.svg",
        system: System::Reverse,
    },
    Act {
        number: 4,
        lab: "07_locked_reverse",
        options: &["--hold", "record"],
        title: "a thread per client, and a lock that is held for a moment",
        question: "The same server, but its threads hold the lock only while they print. When do \
             {others} get a reply now?",
        picture: "demo-record.svg",
        system: System::Reverse,
    },
];

impl Act {
    /// The example that is run.
    pub fn server(&self) -> String {
        format!("{}_server", self.lab)
    }

    /// The same with its options.
    pub fn server_and_options(&self) -> String {
        [&[self.server().as_str()], self.options].concat().join(" ")
    }

    /// What one types to run it by hand.
    pub fn command(&self) -> String {
        let dashes = if self.options.is_empty() { "" } else { " -- " };
        format!("cargo run --example {}{dashes}{}", self.server(), self.options.join(" "))
    }

    /// What a client does. Only the first one thinks: for `think`, or until `enough`.
    pub fn script(&self, client: char, think: Duration, enough: fn(&[Event]) -> bool) -> Vec<Step> {
        let think = (client == FIRST).then_some(Step::Think { at_most: think, enough });
        let mut script = vec![Step::Connect];
        match self.system {
            System::Greeter => {
                let greeting = "Do you want to play a game?\n";
                script.push(Step::Expect { bytes: greeting.into(), name: "its greeting" });
                script.extend(think);
                script.push(Step::Send(format!("Yes, says {client}").into()));
                script.push(Step::ExpectEnd);
            }
            System::Reverse => {
                let message = format!("hello from {client}");
                let reply = message.chars().rev().collect::<String>();
                script.push(Step::Send(message.into()));
                script.push(Step::Expect { bytes: reply.into(), name: "its reply" });
                script.extend(think);
            }
        }
        script.push(Step::Close);
        script
    }
}
