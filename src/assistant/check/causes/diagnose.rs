//! What it means that a step has missed something: the finding, and its evidence.

use std::io;
use std::net::{Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use socketlab::Failure;

use crate::check::evidence::{headed, lacks_newline};
use crate::check::finding::{Finding, Halt, Lack, Outcome};
use crate::check::stage::moves::FLOOD;
use crate::check::stage::{EXIT_TIMEOUT, Stage};
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::draw::figures::figure;
use crate::process::interrupt::{POLL_INTERVAL, Stopped};
use crate::threads::busy;

impl Stage<'_> {
    /// What was found, if a step did not go as it should.
    pub fn found(&mut self, step: Outcome) -> Outcome<Option<Box<Finding>>> {
        step.err().map(|halt| self.diagnose(halt)).transpose()
    }

    /// What stopped a scene: what a step has missed becomes a finding, by experiment.
    pub fn diagnose(&mut self, mut halt: Halt) -> Outcome<Box<Finding>> {
        let mut glosses = Vec::new();
        loop {
            let missed = match halt {
                Halt::Missed(missed) => *missed,
                Halt::Found(finding) => return Ok(finding),
                halt => return Err(halt),
            };
            glosses.extend(missed.glosses);
            halt = match self.meaning(missed.who, missed.lack) {
                Ok(mut finding) => {
                    glosses.iter().for_each(|gloss| gloss.apply(&mut finding));
                    finding.into()
                }
                // An experiment has missed something as well: then that is what it is about.
                Err(halt) => halt,
            };
        }
    }

    fn meaning(&mut self, who: char, lack: Lack) -> Outcome<Finding> {
        match lack {
            Lack::Connection(error) => self.no_connection(who, &error),
            Lack::Reply { wanted, name, meanwhile } => {
                self.kept_waiting(who, &wanted, name, meanwhile)
            }
            Lack::RightReply { wanted, got, note } => {
                let finding = self.wrong_reply(who, &wanted, &got);
                Ok(if note.is_empty() { finding } else { Finding { note, ..finding } })
            }
            Lack::OpenConnection { wanted, name } => self.closed(who, name, &wanted),
            Lack::End => self.not_closed(who),
            Lack::EndOfReplies(got) => {
                self.note(who, What::Received(got));
                let note = format!(
                    "{who} had ended its input, and still got one reply after another: {FLOOD} bytes and \
                     more."
                );
                Ok(self.finding(who, Code::Spins, note))
            }
            Lack::Life => self.death(who),
            Lack::Rest(busy) => {
                let step = self.finding(who, Code::Spins, "").step;
                Ok(Finding { step, ..busy.into() })
            }
        }
    }

    fn no_connection(&mut self, who: char, error: &io::Error) -> Outcome<Finding> {
        if self.reached {
            self.died(who)?;
        } else if self.ends_within(Duration::ZERO) {
            let finding = self.death(who)?;
            let code = match finding.code {
                Code::PortTaken => Code::PortTaken,
                _ => Code::DidNotStart,
            };
            return Ok(Finding { code, ..finding });
        }
        let mut note =
            format!("{who} tried to connect to {}: {}.", self.address(), socketlab::reason(error));
        let on_ipv6 = !self.reached && self.answers_on_ipv6();
        if on_ipv6 {
            note += &format!(
                " A server listens on {}, the IPv6 address that `localhost` stands for too.",
                SocketAddr::from((Ipv6Addr::LOCALHOST, self.address().port()))
            );
        }
        let mut finding = self.finding(who, Code::NotListening, note);
        if on_ipv6 {
            finding.look =
                Some("The call of `bind`: give it 127.0.0.1 in place of `localhost` or `::1`.");
        }
        if let Some(process) = self.server.process() {
            finding.evidence = headed("Its last lines:", process.last_lines());
        }
        Ok(finding)
    }

    fn wrong_reply(&self, who: char, wanted: &[u8], got: &[u8]) -> Finding {
        let longer: Vec<u8> = got.get(wanted.len()..).unwrap_or_default().to_vec();
        let is_old = self.was_received(&longer, wanted.len());
        self.note(who, What::Received(got.to_vec()));
        let note = if got.len() > wanted.len() && got.starts_with(wanted) {
            if longer.iter().all(|byte| *byte == 0) {
                "The right reply came, and behind it zeros: the rest of a buffer into which nothing \
                 was read."
            } else if is_old {
                "The right reply came, and behind it the end of an earlier, longer one: what the \
                 buffer held before."
            } else {
                "The right reply came, and something behind it."
            }
        } else if got.len() > wanted.len() && !wanted.is_empty() && got.ends_with(wanted) {
            "The right reply came, and something in front of it."
        } else {
            ""
        };
        self.finding(who, Code::WrongReply, note).comparing(wanted, got)
    }

    /// Whether some client has got these bytes before, at the end of a reply of more than `length` bytes.
    fn was_received(&self, bytes: &[u8], length: usize) -> bool {
        let trimmed: Vec<u8> = bytes.iter().copied().take_while(|byte| *byte != 0).collect();
        !trimmed.is_empty()
            && self.record.events().iter().any(|event| match &event.what {
                What::Received(got) => got.len() > length && got.ends_with(&trimmed),
                _ => false,
            })
    }

    fn closed(&mut self, who: char, name: &str, wanted: &[u8]) -> Outcome<Finding> {
        self.note(who, What::Ended);
        self.died(who)?;
        let got = self.arrived(who);
        if got.is_empty() && !self.any_client_was_served() && self.refuses_connections() {
            let note = format!(
                "{who} was connected, and lost its connection when the listening socket was closed."
            );
            return Ok(self.finding(who, Code::NotListening, note));
        }
        let note = if got.is_empty() {
            format!("The server closed {who}'s connection before {who} had {name}.")
        } else {
            format!("The server closed {who}'s connection in the middle of {name}.")
        };
        let mut finding = self.finding(who, Code::ClosedEarly, note);
        if lacks_newline(&got, wanted) {
            finding.code = Code::WrongReply;
            finding.note = format!("Only the newline at the end of {name} is missing.");
        }
        Ok(if wanted.is_empty() { finding } else { finding.comparing(wanted, &got) })
    }

    pub fn any_client_was_served(&self) -> bool {
        self.record.events().iter().any(|event| matches!(event.what, What::Received(_)))
    }

    /// Whether the system refuses a connection. What is tried here may disturb the server.
    fn refuses_connections(&self) -> bool {
        TcpStream::connect_timeout(&self.address(), self.patience())
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    fn not_closed(&mut self, who: char) -> Outcome<Finding> {
        self.is_dead(who)?;
        self.nothing_came(who);
        let note = format!(
            "{who} waited {} for the server to close the connection.",
            figure(self.waited(who))
        );
        let kept = self.finding(who, Code::NotClosed, note);
        Ok(match self.busy() {
            Some(busy) => Finding { step: kept.step, ..busy.into() },
            None => kept,
        })
    }

    /// The server's process has ended.
    fn death(&mut self, who: char) -> Outcome<Finding> {
        let mut finding = self.finding(who, Code::Died, "");
        let Some(process) = self.server.process() else { return Ok(finding) };
        let lines = process.last_lines();
        if let Some(status) = process.program().end_within(Duration::ZERO) {
            finding.note = format!("It ended with {status}.");
            if status.success() {
                self.must_not_be_in_background()?;
                finding.look = Some(MAIN_HAS_ENDED);
            }
        }
        // It may have listened for a moment: a program that binds twice does.
        if says_port_taken(&lines) {
            finding.code = Code::PortTaken;
        }
        finding.evidence = headed("Its last lines:", lines);
        Ok(finding)
    }

    /// The program that was started has ended without trouble. A process that it has left behind, outside
    /// its group, may be the server now.
    fn must_not_be_in_background(&mut self) -> Outcome {
        let Some(process) = self.server.process() else { return Ok(()) };
        if busy::threads(process.program().group()) != Some(0) {
            return Ok(());
        }
        let wait = self.begin_wait(EXIT_TIMEOUT).aside();
        if !self.until_it_holds(wait, POLL_INTERVAL, |stage| !stage.refuses_connections())? {
            return Ok(());
        }
        let why = format!(
            "the server went into the background: the program that was started has ended, and a process \
             that it left behind listens on {}. The checker could not judge it and has not ended it. \
             Start the server so that it stays in the foreground",
            self.address()
        );
        Err(Halt::Stopped(Stopped::Failed(Failure::new(why))))
    }
}

const MAIN_HAS_ENDED: &str = "After exit status 0 `main` came to its end: is `accept` still in a loop, and does \
                              nothing in that loop return, break or call `exit`?";

/// Whether a program's last lines are about a port that is not free, in the words of the systems, of
/// the kit, and of Python, Node, Go and Java.
fn says_port_taken(lines: &[String]) -> bool {
    let text = lines.join("\n").to_lowercase();
    // Windows says it in the user's language; the number is the same everywhere (WSAEADDRINUSE).
    let words = [
        "already in use",
        "address in use",
        "port is taken",
        "addrinuse",
        "only one usage",
        "10048",
    ];
    words.iter().any(|words| text.contains(words))
}
