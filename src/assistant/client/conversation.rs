//! How the clients of the demonstration, and of the measurement, talk with the labs' servers.

use std::time::Duration;

use crate::client::record::{Event, What};
use crate::client::scripted::{ScriptedClient, Trouble};

/// The client that comes first and takes its time.
pub const FIRST: char = 'A';

/// The client whose conversation goes on when the server is stopped, or beside one that does not read.
pub const TALKER: char = 'B';

/// The client that thinks half as long beside the first one, when there are two workers.
pub const SECOND: char = 'B';

/// The client for which no worker is free, and the one for which the queue has no place.
pub const QUEUED: char = 'C';
pub const REFUSED: char = 'D';

/// What each client of lab 06 sends, after its first message. Short: a line has room in 60 columns.
pub const SENTENCES: [(char, [&str; 2]); 3] = [
    ('A', ["the cat sat", "on the mat"]),
    ('B', ["a dog ran", "in the fog"]),
    ('C', ["two bees", "flew to a tree"]),
];

/// What a conversation with one of the servers consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversation {
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

impl Conversation {
    /// What a client does. The first one thinks: for `think`, or until `enough`. Fails as soon as a step does.
    pub fn script(
        self,
        who: char,
        client: &mut ScriptedClient<'_>,
        think: Duration,
        enough: fn(&[Event]) -> bool,
    ) -> Result<(), Trouble> {
        let pause = match who {
            FIRST => Some(think),
            SECOND if self == Self::Pool => Some(think / 2),
            _ => None,
        };
        let pause = |client: &ScriptedClient<'_>| {
            pause.map_or(Ok(()), |at_most| client.think(at_most, enough))
        };
        let hello = format!("hello from {who}");
        if self == Self::Chat && who == QUEUED {
            // It comes when the buffers are full, most likely: no record tells.
            client.stay_away(think * 3 / 4, enough)?;
        }
        client.connect()?;
        match self {
            Self::Pool if who == REFUSED => {
                client.expect("Server full, try again later.\n", "its greeting", What::Refused)?;
            }
            Self::Greeter | Self::Pool => {
                let is_queued = self == Self::Pool && who == QUEUED;
                let name = if is_queued { "its turn" } else { "its greeting" };
                client.expect("Do you want to play a game?\n", name, What::Received)?;
                pause(client)?;
                client.send(format!("Yes, says {who}").as_bytes())?;
            }
            Self::Reverse => {
                exchange(client, &hello, &hello.chars().rev().collect::<String>())?;
                pause(client)?;
            }
            Self::Upper => {
                pause(client)?;
                exchange(client, &hello, &hello.to_uppercase())?;
            }
            Self::Session => {
                exchange(client, "one", "-")?;
                pause(client)?;
                exchange(client, "two", "-")?;
                exchange(client, "three", "-")?;
                client.send(b"--quit--")?;
            }
            Self::Names => {
                let reply = "Today we will learn about Multithreading with Socket programming";
                exchange(client, &format!("{who} is here"), reply)?;
                client.think(TOGETHER, |events| everyone_has(events, 1))?;
                let own = SENTENCES.iter().filter(|(name, _)| *name == who);
                for sentence in own.flat_map(|(_, sentences)| sentences) {
                    exchange(client, sentence, reply)?;
                }
                client.think(TOGETHER, |events| everyone_has(events, 3))?;
            }
            Self::Chat => {
                client.expect_among_others("You are Guest-", "its number")?;
                pause(client)?;
                if who == TALKER {
                    // Lines that become six times as long when they are escaped: more than the buffers keep.
                    let line = [&[0x1b; 1000][..], b"\n"].concat();
                    client.send(&line.repeat(900))?;
                    client.expect_among_others("Guest-1 has left.\n", "A to leave")?;
                }
            }
            Self::Stop => {
                if matches!(who, FIRST | TALKER) {
                    exchange(client, "one", "-")?;
                }
                if who == TALKER {
                    client.think(think, enough)?;
                    exchange(client, "two", "-")?;
                }
            }
        }
        if !matches!(self, Self::Reverse | Self::Names | Self::Chat) {
            client.expect_end()?;
        }
        client.close();
        Ok(())
    }
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
