//! The acts: which server each of them runs, and what its clients do.

use std::time::Duration;

use crate::client::record::{Event, What};
use crate::client::scripted::{ScriptedClient, Trouble};
use crate::process::examples::LabServer;

/// When the other clients had their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each was served after the first client had thought to the end.
    AfterFirst,
    /// Each was done before the first client had thought to the end.
    WhileFirstThinks,
    /// Neither.
    Mixed,
}

/// The client that comes first and takes its time.
pub const FIRST: char = 'A';

/// The client whose conversation goes on when the server is stopped, or beside one that does not read.
const TALKER: char = 'B';

/// The client that thinks half as long beside the first one, when there are two workers.
pub const SECOND: char = 'B';

/// The client for which no worker is free, and the one for which the queue has no place.
pub const QUEUED: char = 'C';
pub const REFUSED: char = 'D';

/// How many acts are played when none is chosen.
pub const SHOWN: u8 = 6;

/// What each client of lab 06 sends, after its first message. Short: a line has room in 60 columns.
const SENTENCES: [(char, [&str; 3]); 3] = [
    ('A', ["the cat sat", "on the mat", "and slept"]),
    ('B', ["a dog ran", "in the fog", "and barked"]),
    ('C', ["two bees", "flew to a tree", "and hummed"]),
];

/// One act of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// Its place among the acts, from 1 on.
    pub number: u8,
    /// The server that is run.
    pub server: LabServer,
    /// What is special about this server. It does not tell what is going to happen.
    pub title: &'static str,
    /// What to ask before the act; `{others}` and `{think}` are filled in.
    pub question: &'static str,
    /// When the others have their turn, so that the reason holds.
    pub expected: Order,
    /// Why it happened.
    pub reason: &'static str,
    /// What to look at in its picture.
    pub look: &'static str,
    /// The act to compare it with.
    pub compare: Option<u8>,
    /// The name of its picture, in a folder named after the lab.
    pub picture: &'static str,
    system: System,
}

/// What a conversation consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    /// The server greets, the client answers.
    Greeter,
    /// The client sends, the server replies. The first client thinks when it has its reply.
    Reverse,
    /// The same, but the first client thinks before it sends.
    Upper,
    /// Several messages and replies, then the quit word.
    Session,
    /// All clients send several messages at the same time; what the server prints is the show.
    Names,
    /// Conversations that the server ends.
    Stop,
    /// The greeter with two workers: two clients think, one waits, one is refused.
    Pool,
    /// What one client says goes to all others; the first one reads nothing but its number.
    Chat,
}

/// All acts; the first six are the demonstration.
pub const ACTS: [Act; 13] = [
    Act {
        number: 1,
        server: LabServer("02_blocking_greeter_server"),
        title: "one thread",
        question: "A has its greeting and thinks for {think}. When do {others} get theirs?",
        expected: Order::AfterFirst,
        reason: "Why: the server has one thread. While it waits in `read` for A, it does not call \
             `accept`. The system has connected {others} and keeps them in its queue.",
        look: "Look at B and C: connected at once (○), but served (●) only after A has thought.",
        compare: None,
        picture: "demo.svg",
        system: System::Greeter,
    },
    Act {
        number: 2,
        server: LabServer("03_threaded_greeter_server"),
        title: "a thread per client",
        question: "The same clients, but each gets a thread. Whose lane will look different?",
        expected: Order::WhileFirstThinks,
        reason: "Why: only A's thread waits in `read` for A. `main` is back in `accept` at once.",
        look: "Look at B and C: served and done while A is still thinking.",
        compare: Some(1),
        picture: "demo.svg",
        system: System::Greeter,
    },
    Act {
        number: 3,
        server: LabServer("06_locked_names_server -- --unlocked --pause 80"),
        title: "threads, and one console",
        question: "Three clients send three messages each, at the same time. For each message the \
             server prints two lines, and rests for 80 ms between them. What will its console look \
             like?",
        expected: Order::Mixed,
        reason: "Why: a record is two calls that print. Between the two, other threads print theirs.",
        look: "Look at the lines with ✗: each stands inside the record of another client.",
        compare: None,
        picture: "demo-unlocked.svg",
        system: System::Names,
    },
    Act {
        number: 4,
        server: LabServer("06_locked_names_server -- --pause 80"),
        title: "threads, one console, and a lock",
        question: "The same clients. The thread that prints takes a lock first, and gives it back \
             after its two lines. What is different on the console, and what does it cost?",
        expected: Order::Mixed,
        reason: "Why: the thread that prints a record holds the lock for both lines. The others \
             wait for the lock meanwhile.",
        look: "Look at the pairs of lines: each message stands below its own thread's name.",
        compare: None,
        picture: "demo-locked.svg",
        system: System::Names,
    },
    Act {
        number: 5,
        server: LabServer("07_locked_reverse_server -- --hold conversation"),
        title: "threads, and one lock",
        question: "Each client has a thread. The thread takes the console's lock when its client \
             comes and gives it back when the client leaves. A has its first reply and thinks for \
             {think}. When do {others} get a reply?",
        expected: Order::AfterFirst,
        reason: "Why: A's thread holds the lock while it waits in `read` for A. The threads of \
             {others} wait for the lock.",
        look: "Look at B and C: each has a thread, and each waits until A has thought.",
        compare: Some(1),
        picture: "demo-conversation.svg",
        system: System::Reverse,
    },
    Act {
        number: 6,
        server: LabServer("07_locked_reverse_server -- --hold record"),
        title: "the same lock, for each record",
        question: "The same server, but its threads hold the lock only while they print. When do \
             {others} get a reply now?",
        expected: Order::WhileFirstThinks,
        reason: "Why: no thread holds the lock while it waits for its client.",
        look: "Look at B and C: both are done while A is still thinking.",
        compare: Some(5),
        picture: "demo-record.svg",
        system: System::Reverse,
    },
    Act {
        number: 7,
        server: LabServer("01_blocking_upper_server"),
        title: "one thread, one message",
        question: "A connects and thinks for {think} before it sends. {others} send at once. When \
             do {others} get their replies?",
        expected: Order::AfterFirst,
        reason: "Why: the server has one thread. While it waits in `read` for A, it does not call \
             `accept`. The messages of {others} wait in the system.",
        look: "Look at B and C: connected (○) and waiting until A has sent its message.",
        compare: None,
        picture: "demo.svg",
        system: System::Upper,
    },
    Act {
        number: 8,
        server: LabServer("04_threaded_upper_server"),
        title: "threads, one message each",
        question: "The clients of act 7, but each gets a thread. When do {others} get their \
             replies?",
        expected: Order::WhileFirstThinks,
        reason: "Why: A's thread owns A's socket and waits for A. `main` is back in `accept` at once.",
        look: "Look at B and C: served and done before A has sent its message.",
        compare: Some(7),
        picture: "demo.svg",
        system: System::Upper,
    },
    Act {
        number: 9,
        server: LabServer("05_threaded_session_server"),
        title: "conversations",
        question: "Each client sends several messages, then the quit word. A thinks for {think} \
             after its first reply. When are {others} done?",
        expected: Order::WhileFirstThinks,
        reason: "Why: each thread loops for its own client: read, reply, read again, until the \
             client quits.",
        look: "Look at the replies (●): each client has several on one connection.",
        compare: None,
        picture: "demo.svg",
        system: System::Session,
    },
    Act {
        number: 10,
        server: LabServer("08_graceful_session_server"),
        title: "Ctrl-C in mid-conversation",
        question: "A has had a reply and is idle, B is in conversation, the others have sent \
             nothing. After {think} the server gets Ctrl-C. What do the clients notice?",
        expected: Order::Mixed,
        reason: "Why: the handler sets a flag and connects to its own server, so `accept` returns. \
             Then `main` shuts the sockets down for reading: each `read` returns 0, and each thread \
             ends.",
        look: "Look at the end: every connection is closed as soon as the server gets Ctrl-C.",
        compare: None,
        picture: "demo.svg",
        system: System::Stop,
    },
    Act {
        number: 11,
        server: LabServer("09_pooled_greeter_server -- --workers 2 --queue 1"),
        title: "two workers, and a queue",
        question: "A has its greeting and thinks for {think}, B for half as long. Then C and D come. \
             Two threads serve clients, no more. What happens to C? What happens to D?",
        expected: Order::Mixed,
        reason: "Why: C is in the queue, and B's worker takes it when B has left. The queue has one \
             place, so `main` refuses D.",
        look: "Look at C: it waits until B is done. D is refused at once.",
        compare: None,
        picture: "demo.svg",
        system: System::Pool,
    },
    Act {
        number: 12,
        server: LabServer("10_broadcast_chat_server -- --write held"),
        title: "a chat, and a lock held while writing",
        question: "What one client says goes to all others. A reads nothing, and leaves after {think}. \
             B says many long lines. Then C comes. When is C told its number?",
        expected: Order::Mixed,
        reason: "Why: B's thread holds the lock of the room while it stands in `write`, until A reads \
             or leaves. A thread that needs the room waits for the lock.",
        look: "Look at C: it is told its number only when A, which reads nothing, has left.",
        compare: None,
        picture: "demo.svg",
        system: System::Chat,
    },
    Act {
        number: 13,
        server: LabServer("11_polled_reverse_server"),
        title: "one thread for all clients",
        question: "The clients of act 6, but the server has one thread. A has its first reply and \
             thinks for {think}. When do {others} get a reply?",
        expected: Order::WhileFirstThinks,
        reason: "Why: `main` waits in `poll` for all clients at once. It reads only where something \
             has arrived, so it never waits for A alone.",
        look: "Look at the server: one lane, in `poll`, and B and C are done while A thinks.",
        compare: Some(5),
        picture: "demo.svg",
        system: System::Reverse,
    },
];

impl Act {
    /// Whether the server's console is what there is to see.
    pub fn shows_console(&self) -> bool {
        self.system == System::Names
    }

    /// Whether the server is stopped in mid-act.
    pub fn stops_server(&self) -> bool {
        self.system == System::Stop
    }

    /// Whether the clients share workers, and a queue.
    pub fn has_workers(&self) -> bool {
        self.system == System::Pool
    }

    /// Who takes part: those who are wanted, or those who have something to say.
    pub fn clients(&self, wanted: &[char]) -> Vec<char> {
        match self.system {
            System::Names => SENTENCES.map(|(client, _)| client).to_vec(),
            System::Pool => vec![FIRST, SECOND, QUEUED, REFUSED],
            _ => wanted.to_vec(),
        }
    }

    /// What a client does. The first one thinks: for `think`, or until `enough`.
    ///
    /// # Errors
    /// When a step does not go as it should.
    pub fn script(
        &self,
        who: char,
        client: &mut ScriptedClient<'_>,
        think: Duration,
        enough: fn(&[Event]) -> bool,
    ) -> Result<(), Trouble> {
        let pause = match who {
            FIRST => Some(think),
            SECOND if self.has_workers() => Some(think / 2),
            _ => None,
        };
        let pause = |client: &ScriptedClient<'_>| {
            pause.map_or(Ok(()), |at_most| client.think(at_most, enough))
        };
        let hello = format!("hello from {who}");
        if self.system == System::Chat && who == QUEUED {
            // It and the others behind it come when the buffers are full, most likely: nothing in the
            // record tells.
            client.think(think * 3 / 4, enough)?;
        }
        client.connect()?;
        match self.system {
            System::Pool if who == REFUSED => {
                client.expect("Server full, try again later.\n", "its greeting", What::Refused)?;
            }
            System::Greeter | System::Pool => {
                let is_queued = self.has_workers() && who == QUEUED;
                let name = if is_queued { "its turn" } else { "its greeting" };
                client.expect("Do you want to play a game?\n", name, What::Received)?;
                pause(client)?;
                client.send(format!("Yes, says {who}").as_bytes())?;
            }
            System::Reverse => {
                exchange(client, &hello, &hello.chars().rev().collect::<String>())?;
                pause(client)?;
            }
            System::Upper => {
                pause(client)?;
                exchange(client, &hello, &hello.to_uppercase())?;
            }
            System::Session => {
                exchange(client, "one", "-")?;
                pause(client)?;
                exchange(client, "two", "-")?;
                exchange(client, "three", "-")?;
                client.send(b"--quit--")?;
            }
            System::Names => {
                let reply = "Today we will learn about Multithreading with Socket programming";
                exchange(client, &format!("{who} is here"), reply)?;
                client.think(TOGETHER, |events| everyone_has(events, 1))?;
                let own = SENTENCES.iter().filter(|(name, _)| *name == who);
                for sentence in own.flat_map(|(_, sentences)| sentences) {
                    exchange(client, sentence, reply)?;
                }
                client.think(TOGETHER, |events| everyone_has(events, 4))?;
            }
            System::Chat => {
                client.expect_among_others("You are Guest-", "its number")?;
                pause(client)?;
                if who == TALKER {
                    client.send(&long_lines())?;
                    client.expect_among_others("Guest-1 has left.\n", "A to leave")?;
                }
            }
            System::Stop => {
                if matches!(who, FIRST | TALKER) {
                    exchange(client, "one", "-")?;
                }
                if who == TALKER {
                    client.think(think, enough)?;
                    exchange(client, "two", "-")?;
                }
            }
        }
        if !matches!(self.system, System::Reverse | System::Names | System::Chat) {
            client.expect_end()?;
        }
        client.close();
        Ok(())
    }

    /// Whether the client behind `before` may come: that one is connected, and the first one thinks, or has nothing
    /// more to do. Where they share two workers, the second one must have its own before the third comes.
    pub fn next_may_come(&self, before: char, events: &[Event]) -> bool {
        let first = if self.has_workers() && before != FIRST { SECOND } else { FIRST };
        let has = |client, is: fn(&What) -> bool| {
            events.iter().any(|event| event.client == client && is(&event.what))
        };
        has(first, |what| matches!(what, What::Thinking | What::WaitingForEnd))
            && has(before, |what| matches!(what, What::Connected(_)))
    }

    /// Whether it is time for Ctrl-C: the conversation goes on, and all other clients are there.
    pub fn is_time_to_stop(&self, clients: &[char], events: &[Event]) -> bool {
        let waits = |client: &char| {
            let mut own = events.iter().filter(|event| event.client == *client);
            own.any(|event| event.what == What::WaitingForEnd)
        };
        self.stops_server() && clients.iter().all(waits)
    }
}

/// Lines that become six times as long when they are escaped: more than the system's buffers keep.
fn long_lines() -> Vec<u8> {
    let line = [&[0x1b; 1000][..], b"\n"].concat();
    line.repeat(900)
}

/// A message and its reply.
fn exchange(client: &mut ScriptedClient<'_>, message: &str, reply: &str) -> Result<(), Trouble> {
    client.send(message.as_bytes())?;
    client.expect(reply, "its reply", What::Received)
}

/// Longer than the records of all clients take: a client that waits for the others does not give up first.
const TOGETHER: Duration = Duration::from_secs(20);

/// Whether every client of lab 06 has had this many replies.
fn everyone_has(events: &[Event], replies: usize) -> bool {
    SENTENCES.iter().all(|(client, _)| {
        let own = events.iter().filter(|event| event.client == *client);
        own.filter(|event| matches!(event.what, What::Received(_))).count() >= replies
    })
}
