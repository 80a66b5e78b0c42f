//! Rounds with a running server: all clients come at the same moment, and each waits and thinks.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use socketlab::reason;

use crate::client::conversation::{Conversation, FIRST};
use crate::client::record::{CONSOLE, Event, Record, Waited, What};
use crate::client::scripted::ScriptedClient;
use crate::client::side_by_side;
use crate::draw::growth::{Measured, Point};
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::process::server_process::ServerProcess;
use crate::threads::usage::Meter;

/// How long a server may take for anything, beside the time that its clients think.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked what the server takes.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(5);

/// How many rounds there are, if they are short.
pub const ROUNDS: usize = 3;

/// A round that is to take longer than this is not repeated: most of it is thinking, the same each time.
pub const LONG_ROUND: Duration = Duration::from_millis(500);

/// What is said of a server that has ended.
const ENDED: &str = "ended in the middle of its work";

/// Starts a server by a shell's command line, in which `{port}` stands for the port, and waits until it listens: until
/// one more client can connect, which leaves at once. Fails when it ends, or does not listen, and at Ctrl-C.
pub fn start_command(line: &str) -> Result<ServerProcess, Stopped> {
    let mut server = ServerProcess::launch_line(line)?;
    let (address, deadline) = (server.address(), Instant::now() + PATIENCE);
    while let Err(error) = TcpStream::connect_timeout(&address, PATIENCE) {
        interrupt::go_on()?;
        if server.has_ended() {
            return Err(server.trouble("ended before it was listening").into());
        }
        if Instant::now() > deadline {
            let (seconds, reason) = (PATIENCE.as_secs(), reason(&error));
            let what = format!(
                "was not listening on {address} after {seconds} s ({reason}); is {{port}} where it \
                 takes its port?"
            );
            return Err(server.trouble(&what).into());
        }
        thread::sleep(POLL_INTERVAL);
    }
    Ok(server)
}

/// Measures one point: several rounds with the same number of clients, of which the middle one counts. `begins` is told
/// the number of each. A round is to take as long as is predicted, or else as long as the first one took. Fails when
/// the server does not serve a client, or ends, and at Ctrl-C.
pub fn measure(
    server: &mut ServerProcess,
    conversation: Conversation,
    point: &Point,
    think: Duration,
    mut begins: impl FnMut(usize),
) -> Result<Measured, Stopped> {
    let mut meter = Meter::new(server.program().id());
    let mut waits = Vec::new();
    for number in 1..=ROUNDS {
        begins(number);
        let begun = Instant::now();
        waits.push(round(server, conversation, point.clients, think, &mut meter)?);
        if point.predicted.map_or(begun.elapsed(), |wait| wait + think) > LONG_ROUND {
            break;
        }
    }
    Ok(Measured { rounds: waits.len(), wait: middle(waits), usage: meter.most() })
}

/// The middle one; of two, the longer one.
fn middle(mut waits: Vec<Duration>) -> Duration {
    waits.sort_unstable();
    waits.get(waits.len() / 2).copied().unwrap_or_default()
}

/// Sends so many clients at the same moment, and waits until all are done. Returns the longest wait.
fn round(
    server: &mut ServerProcess,
    conversation: Conversation,
    clients: usize,
    think: Duration,
    meter: &mut Meter,
) -> Result<Duration, Stopped> {
    let address = server.address();
    let patience = PATIENCE + think * u32::try_from(clients).unwrap_or(u32::MAX);
    let all_come = Record::begin();
    // A record for each: in a common one each event would wake every client that thinks.
    let records: Vec<Record> = (0..clients).map(|_| Record::begin()).collect();
    let follow = |record| {
        if all_come.wait_until(patience, |events| !events.is_empty()) == Waited::Met {
            // Its trouble is in its record, where it is looked for.
            ScriptedClient::new(FIRST, address, patience, record)
                .follow(|client| conversation.script(FIRST, client, think, |_| false));
        }
    };
    let look_on = || {
        all_come.add(CONSOLE, What::Server("ready".to_owned()));
        look_on(server, &records, meter)
    };
    let stop = || records.iter().chain([&all_come]).for_each(Record::stop);
    side_by_side(&records, follow, look_on, stop)?;
    Ok(records.iter().filter_map(|record| wait(&record.events())).max().unwrap_or_default())
}

/// Waits until every client is done.
fn look_on(
    server: &mut ServerProcess,
    records: &[Record],
    meter: &mut Meter,
) -> Result<(), Stopped> {
    let is_over = |events: &[Event]| {
        events.last().is_some_and(|it| matches!(it.what, What::Done | What::Failed(_)))
    };
    for (number, record) in (1..).zip(records) {
        while record.wait_until(SAMPLE_INTERVAL, is_over) != Waited::Met {
            interrupt::go_on()?;
            meter.look();
            if server.has_ended() {
                return Err(server.trouble(ENDED).into());
            }
        }
        if let Some(What::Failed(trouble)) = record.events().pop().map(|event| event.what) {
            let clients = records.len();
            let what = format!("did not serve every client: {number} of {clients} {trouble}");
            let has_ended = server.death().is_some();
            return Err(server.trouble(if has_ended { ENDED } else { &what }).into());
        }
    }
    Ok(())
}

/// How long a client waited: from its `connect` to its first reply.
fn wait(events: &[Event]) -> Option<Duration> {
    let came = events.iter().find(|event| event.what == What::Connecting)?;
    let served = events.iter().find(|event| matches!(event.what, What::Received(_)))?;
    Some(served.at.saturating_sub(came.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_round_counts() {
        let middle = |millis: &[u64]| {
            middle(millis.iter().copied().map(Duration::from_millis).collect()).as_millis()
        };
        assert_eq!(middle(&[30, 10, 20]), 20);
        assert_eq!(middle(&[30]), 30);
    }
}
