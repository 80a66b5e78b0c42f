//! A running server, and one round: all clients come at the same moment, and each waits and thinks.

use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use socketlab::{Failure, reason};

use crate::client::record::{CONSOLE, Event, Record, Waited, What};
use crate::client::scripted::ScriptedClient;
use crate::draw::growth::Usage;
use crate::grow::servers::Conversation;
use crate::process::free_port::FreePort;
use crate::process::interrupt::{self, POLL_INTERVAL, Stopped};
use crate::process::server_process::ServerProcess;
use crate::process::shell::shell;
use crate::threads::usage::Meter;

/// How long a server may take for anything, beside the time that its clients think.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked what the server takes.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(5);

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    process: ServerProcess,
    /// What it is called in error messages.
    name: String,
    _port: Option<FreePort>,
}

/// What came of a round.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// How long the client waited that waited longest: from its `connect` to its first reply.
    pub longest_wait: Duration,
    /// How long the round took.
    pub took: Duration,
    /// The most that the server took, where the system says so.
    pub usage: Option<Usage>,
}

impl Running {
    /// Starts a server of the kit.
    ///
    /// # Errors
    /// As [`ServerProcess::start`].
    pub fn start(executable: &Path, options: &[&str]) -> Result<Self, Failure> {
        let process = ServerProcess::start(executable, options, PATIENCE)?;
        let name = executable.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { process, name, _port: None })
    }

    /// Starts a server by a shell's command line, in which `{port}` stands for the port, and waits until
    /// it listens: until one more client can connect, which leaves at once.
    ///
    /// # Errors
    /// When it ends, or does not listen, and at Ctrl-C.
    pub fn start_command(line: &str) -> Result<Self, Stopped> {
        let port = FreePort::pick()?;
        let address = port.address();
        let mut command = shell(&line.replace("{port}", &address.port().to_string()));
        let process = ServerProcess::launch(&mut command, address)?;
        let mut running = Self { process, name: format!("`{line}`"), _port: Some(port) };
        let deadline = Instant::now() + PATIENCE;
        loop {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => return Ok(running),
                Err(_) if interrupt::requested() => return Err(Stopped::Interrupted),
                Err(_) if running.process.has_ended() => {
                    return Err(running.trouble("ended before it was listening").into());
                }
                Err(error) if Instant::now() > deadline => {
                    let (seconds, reason) = (PATIENCE.as_secs(), reason(&error));
                    return Err(running
                        .trouble(&format!(
                            "was not listening on {address} after {seconds} s ({reason}); is \
                             {{port}} where it takes its port?"
                        ))
                        .into());
                }
                Err(_) => thread::sleep(POLL_INTERVAL),
            }
        }
    }

    /// A failure in the words "NAME WHAT", with the server's last lines.
    fn trouble(&self, what: &str) -> Failure {
        let lines = self.process.last_lines();
        let words = match lines.as_slice() {
            [] => "it printed nothing".to_owned(),
            lines => format!("its last lines:\n    {}", lines.join("\n    ")),
        };
        Failure::new(format!("{} {what}; {words}", self.name))
    }

    /// Ends the server, as Ctrl-C does, or by force.
    pub fn stop(mut self) {
        self.process.stop();
    }

    /// Sends so many clients at the same moment, and waits until all are done.
    ///
    /// # Errors
    /// When the server does not serve a client, or ends, and at Ctrl-C.
    pub fn round(
        &mut self,
        conversation: Conversation,
        clients: usize,
        think: Duration,
    ) -> Result<Round, Stopped> {
        let address = self.process.address();
        let patience = PATIENCE + think * u32::try_from(clients).unwrap_or(u32::MAX);
        let script = conversation.script(think);
        let mut meter = Meter::new(self.process.program().id());
        let all_come = Record::begin();
        // A record for each: in a common one each event would wake every client that thinks.
        let records: Vec<Record> = (0..clients).map(|_| Record::begin()).collect();
        let stop = || {
            all_come.stop();
            records.iter().for_each(Record::stop);
        };
        thread::scope(|scope| {
            for record in &records {
                let (script, all_come) = (&script, &all_come);
                let follow = move || {
                    if all_come.wait_until(patience, |events| !events.is_empty()) == Waited::Met {
                        // Its trouble is in its record, where it is looked for.
                        let client = ScriptedClient::new('A', address, patience, record);
                        let _ = client.follow(script);
                    }
                };
                if let Err(error) = thread::Builder::new().spawn_scoped(scope, follow) {
                    stop();
                    return Err(error.into());
                }
            }
            let start = Instant::now();
            all_come.add(CONSOLE, What::Server("ready".to_owned()));
            let looked = self.look_on(&records, &mut meter);
            // Ends the clients that are still there: the scope waits for them.
            stop();
            let usage = looked?;
            let took = start.elapsed();
            let waits = records.iter().filter_map(|record| wait(&record.events()));
            Ok(Round { longest_wait: waits.max().unwrap_or_default(), took, usage })
        })
    }

    /// Waits until every client is done.
    fn look_on(&mut self, records: &[Record], meter: &mut Meter) -> Result<Option<Usage>, Stopped> {
        let mut most: Option<Usage> = None;
        for (number, record) in (1..).zip(records) {
            loop {
                let is_over = |events: &[Event]| {
                    events.last().is_some_and(|it| matches!(it.what, What::Done | What::Failed(_)))
                };
                let waited = record.wait_until(SAMPLE_INTERVAL, is_over);
                if interrupt::requested() {
                    return Err(Stopped::Interrupted);
                }
                if waited == Waited::Met {
                    break;
                }
                if let Some((threads, resident_kib)) = meter.read() {
                    let before = most.unwrap_or(Usage { threads, resident_kib });
                    most = Some(Usage {
                        threads: threads.max(before.threads),
                        resident_kib: resident_kib.max(before.resident_kib),
                    });
                }
                if self.process.has_ended() {
                    return Err(self.trouble("ended in the middle of its work").into());
                }
            }
            if let Some(What::Failed(trouble)) = record.events().pop().map(|event| event.what) {
                let clients = records.len();
                let what = format!("did not serve every client: {number} of {clients} {trouble}");
                return Err(match self.process.death() {
                    Some(_) => self.trouble("ended in the middle of its work").into(),
                    None => self.trouble(&what).into(),
                });
            }
        }
        Ok(most)
    }
}

/// How long a client waited: from its `connect` to its first reply.
fn wait(events: &[Event]) -> Option<Duration> {
    let came = events.iter().find(|event| event.what == What::Connecting)?;
    let served = events.iter().find(|event| matches!(event.what, What::Received(_)))?;
    Some(served.at.saturating_sub(came.at))
}
