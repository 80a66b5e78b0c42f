//! The acts: which server each of them runs, and when its clients come.

use crate::client::conversation::{
    Conversation, FIRST, QUEUED, REFUSED, SECOND, SENTENCES, TALKER,
};
use crate::client::record::{Event, What};
use crate::process::examples::LabServer;

/// When the other clients had their turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each was served after the first client had thought to the end.
    AfterFirst,
    /// Each was done before the first client had thought to the end.
    WhileFirstThinks,
    Mixed,
}

/// One act of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Act {
    /// Its place among the acts, from 1 on.
    pub number: u8,
    pub server: LabServer,
    /// What is special about this server. It does not tell what is going to happen.
    pub title: &'static str,
    /// What the clients do. It is filled in, as all texts below (`words::fill_in`).
    pub scene: &'static str,
    /// What to ask before the act.
    pub question: &'static str,
    /// When the others have their turn, so that the reason holds.
    pub expected: Order,
    pub reason: &'static str,
    /// What to look at in its picture.
    pub look: &'static str,
    /// The act to compare it with.
    pub compare: Option<u8>,
    /// The name of its picture, in a folder named after the lab.
    pub picture: &'static str,
    /// How its clients talk with the server.
    pub conversation: Conversation,
}

/// All acts; the first six are the demonstration.
pub const ACTS: [Act; 13] = [
    Act {
        number: 1,
        server: LabServer("02_blocking_greeter_server"),
        title: "one thread",
        scene: "The server has one thread. A has its greeting and thinks for {think}. Meanwhile \
             {others} come[s|], and answer[s|] at once.",
        question: "When [does|do] {others} get [its|their] greeting?",
        expected: Order::AfterFirst,
        reason: "Why: the server has one thread. While it waits in `read` for A, it does not call \
             `accept`. The system has connected {others} and keeps [it|them] in its queue.",
        look: "Look at {others}: connected at once (○), but served (●) only after A has thought.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Greeter,
    },
    Act {
        number: 2,
        server: LabServer("03_threaded_greeter_server"),
        title: "a thread per client",
        scene: "Each client gets a thread. As with one thread, A thinks for {think}, and {others} \
             come[s|] meanwhile.",
        question: "Whose lane will look different?",
        expected: Order::WhileFirstThinks,
        reason: "Why: only A's thread waits in `read` for A. `main` is back in `accept` at once.",
        look: "Look at {others}: served and done while A is still thinking.",
        compare: Some(1),
        picture: "demo.svg",
        conversation: Conversation::Greeter,
    },
    Act {
        number: 3,
        server: LabServer("06_locked_names_server -- --unlocked --pause 80"),
        title: "threads, and one console",
        scene: "Three clients send two messages each, at the same time. For each message the \
             server prints two lines, and rests for 80 ms between them.",
        question: "What will its console look like?",
        expected: Order::Mixed,
        reason: "Why: a record is two prints. Other threads print in between.",
        look: "Look at the lines with ✗: these records have a line of another client inside.",
        compare: None,
        picture: "demo-unlocked.svg",
        conversation: Conversation::Names,
    },
    Act {
        number: 4,
        server: LabServer("06_locked_names_server -- --pause 80"),
        title: "threads, one console, and a lock",
        scene: "Three clients send two messages each, at the same time. The thread that prints takes \
             a lock first, and gives it back after its two lines.",
        question: "What will the console look like now, and what does the lock cost?",
        expected: Order::Mixed,
        reason: "Why: the thread that prints a record holds the lock for both lines. The others \
             wait for the lock meanwhile.",
        look: "Look at the pairs of lines: each message stands below its own thread's name.",
        compare: None,
        picture: "demo-locked.svg",
        conversation: Conversation::Names,
    },
    Act {
        number: 5,
        server: LabServer("07_locked_reverse_server -- --hold conversation"),
        title: "threads, and one lock",
        scene: "Each client has a thread. The thread takes the console's lock when its client comes \
             and gives it back when the client leaves. A has its first reply and thinks for {think}. \
             Meanwhile {others} come[s|].",
        question: "When [does|do] {others} get a reply?",
        expected: Order::AfterFirst,
        reason: "Why: A's thread holds the lock while it waits in `read` for A. The thread[|s] of \
             {others} wait[s|] for the lock.",
        look: "Look at {others}: [it has a thread, and|each has a thread, and each] waits until A has \
             thought.",
        compare: Some(1),
        picture: "demo-conversation.svg",
        conversation: Conversation::Reverse,
    },
    Act {
        number: 6,
        server: LabServer("07_locked_reverse_server -- --hold record"),
        title: "the same lock, for each record",
        scene: "Each client has a thread. The thread takes the lock when it prints, and gives it \
             back when it has printed. A has its first reply and thinks for {think}. Meanwhile \
             {others} come[s|].",
        question: "When [does|do] {others} get a reply?",
        expected: Order::WhileFirstThinks,
        reason: "Why: no thread holds the lock while it waits for its client.",
        look: "Look at {others}: [it is|they are] done while A is still thinking.",
        compare: Some(5),
        picture: "demo-record.svg",
        conversation: Conversation::Reverse,
    },
    Act {
        number: 7,
        server: LabServer("01_blocking_upper_server"),
        title: "one thread, one message",
        scene: "The server has one thread. A connects and thinks for {think} before it sends. \
             {others} send[s|] at once.",
        question: "When [does|do] {others} get [its reply|their replies]?",
        expected: Order::AfterFirst,
        reason: "Why: the server has one thread. While it waits in `read` for A, it does not call \
             `accept`. The message[|s] of {others} wait[s|] in the system.",
        look: "Look at {others}: connected (○) and waiting until A has sent its message.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Upper,
    },
    Act {
        number: 8,
        server: LabServer("04_threaded_upper_server"),
        title: "threads, one message each",
        scene: "Each client gets a thread. A connects and thinks for {think} before it sends. \
             {others} send[s|] at once.",
        question: "When [does|do] {others} get [its reply|their replies]?",
        expected: Order::WhileFirstThinks,
        reason: "Why: A's thread owns A's socket and waits for A. `main` is back in `accept` at once.",
        look: "Look at {others}: served and done before A has sent its message.",
        compare: Some(7),
        picture: "demo.svg",
        conversation: Conversation::Upper,
    },
    Act {
        number: 9,
        server: LabServer("05_threaded_session_server"),
        title: "conversations",
        scene: "Each client sends several messages, then the quit word. A thinks for {think} after \
             its first reply. Meanwhile {others} come[s|].",
        question: "When [is|are] {others} done?",
        expected: Order::WhileFirstThinks,
        reason: "Why: each thread loops for its own client: read, reply, read again, until the \
             client quits.",
        look: "Look at the replies (●): each client has several on one connection.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Session,
    },
    Act {
        number: 10,
        server: LabServer("08_graceful_session_server"),
        title: "Ctrl-C in mid-conversation",
        scene: "A has had a reply and is idle. B thinks for {think} in mid-conversation. [|The other \
             clients have sent nothing. ]When B has its next reply, the server gets Ctrl-C.",
        question: "What do the clients notice?",
        expected: Order::Mixed,
        reason: "Why: the handler sets a flag and connects to its own server, so `accept` returns. \
             Then `main` shuts the sockets down for reading: each `read` returns 0, and each thread \
             ends.",
        look: "Look at the end: every connection is closed as soon as the server gets Ctrl-C.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Stop,
    },
    Act {
        number: 11,
        server: LabServer("09_pooled_greeter_server -- --workers 2 --queue 1"),
        title: "two workers, and a queue",
        scene: "Two threads serve clients, no more, and one client may wait. A has its greeting and \
             thinks for {think}, B for half as long. Then C and D come.",
        question: "What happens to C? What happens to D?",
        expected: Order::Mixed,
        reason: "Why: C is in the queue, and B's worker takes it when B has left. The queue has one \
             place, so `main` refuses D.",
        look: "Look at C: it waits until B is done. D is refused at once.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Pool,
    },
    Act {
        number: 12,
        server: LabServer("10_broadcast_chat_server -- --write held"),
        title: "a chat that writes under a lock",
        scene: "What one client says goes to all others. A reads only its number, thinks for {think} \
             and leaves. B says many long lines; its thread sleeps for 1 ms after each. Then C comes.",
        question: "When is C told its number?",
        expected: Order::Mixed,
        reason: "Why: when A's buffers are full, B's thread stands in `write` and holds the room's lock \
             until A leaves. C's thread waits for that lock.",
        look: "Look at C: it is told its number only when A, which reads nothing, has left.",
        compare: None,
        picture: "demo.svg",
        conversation: Conversation::Chat,
    },
    Act {
        number: 13,
        server: LabServer("11_polled_reverse_server"),
        title: "one thread for all clients",
        scene: "The server has one thread for all clients. A has its first reply and thinks for \
             {think}. Meanwhile {others} come[s|].",
        question: "When [does|do] {others} get a reply?",
        expected: Order::WhileFirstThinks,
        reason: "Why: `main` waits in `poll` for all clients at once. It reads only where something \
             has arrived, so it never waits for A alone.",
        look: "Look at the server: one lane, in `poll`, and {others} [is|are] done while A thinks.",
        compare: Some(5),
        picture: "demo.svg",
        conversation: Conversation::Reverse,
    },
];

impl Act {
    /// Who takes part: those who are wanted, or those who have something to say.
    pub fn clients(&self, wanted: &[char]) -> Vec<char> {
        match self.conversation {
            Conversation::Names => SENTENCES.map(|(client, _)| client).to_vec(),
            Conversation::Pool => vec![FIRST, SECOND, QUEUED, REFUSED],
            Conversation::Chat => vec![FIRST, TALKER, QUEUED],
            _ => wanted.to_vec(),
        }
    }

    /// Whether the client behind `before` may come: that one is connected, and the first one thinks, or has nothing
    /// more to do. Where they share two workers, the second one must have its own before the third comes.
    pub fn next_may_come(&self, before: char, events: &[Event]) -> bool {
        let has_workers = self.conversation == Conversation::Pool;
        let first = if has_workers && before != FIRST { SECOND } else { FIRST };
        let has = |client, is: fn(&What) -> bool| {
            events.iter().any(|event| event.client == client && is(&event.what))
        };
        has(first, |what| matches!(what, What::Thinking | What::WaitingForEnd))
            && has(before, |what| matches!(what, What::Connected(_)))
    }

    /// Whether it is time for Ctrl-C: the conversation goes on, and all other clients are there.
    pub fn is_time_to_stop(&self, clients: &[char], events: &[Event]) -> bool {
        let waits = |client: &char| {
            events.iter().any(|it| it.client == *client && it.what == What::WaitingForEnd)
        };
        self.conversation == Conversation::Stop && clients.iter().all(waits)
    }
}
