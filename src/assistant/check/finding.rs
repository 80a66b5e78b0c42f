//! What comes of a scene: a step that missed something, and what that was found to mean.

use std::io;
use std::time::Duration;

use crate::check::evidence::{compare, compare_in_words};
use crate::check::verdicts::Code;
use crate::draw::figures::figure;
use crate::process::interrupt::Stopped;
use crate::threads::Place;

/// Why a scene does not go on.
#[derive(Debug)]
pub enum Halt {
    /// A step did not go as it should. What that means is for [`super::causes`] to say.
    Missed(Box<Missed>),
    /// A scene has found something that is special to its exercise.
    Found(Box<Finding>),
    /// The rest of the scene cannot be played on this system, for this reason.
    LeftOut(&'static str),
    /// It was stopped, for reasons that are not the server's.
    Stopped(Stopped),
}

/// What comes of a step.
pub type Outcome<T = ()> = Result<T, Halt>;

/// A step that did not go as it should.
#[derive(Debug)]
pub struct Missed {
    /// Whose step it was.
    pub who: char,
    /// What was missed.
    pub lack: Lack,
    /// What this exercise has to say about it, by verdict.
    pub glosses: Vec<Gloss>,
}

/// What a step can miss.
#[derive(Debug)]
pub enum Lack {
    /// A connection: the system's last answer.
    Connection(io::Error),
    /// These bytes: nothing, or not all of them, came within the time. Meanwhile other bytes may come, if that is said.
    Reply { wanted: Vec<u8>, name: &'static str, meanwhile: Option<&'static Meanwhile> },
    /// These bytes: others came, or more.
    RightReply { wanted: Vec<u8>, got: Vec<u8>, note: String },
    /// An open connection, in which it still wanted these bytes.
    OpenConnection { wanted: Vec<u8>, name: &'static str },
    /// The end of its connection.
    End,
    /// The end of its connection: reply followed reply, these first.
    EndOfReplies(Vec<u8>),
    /// A living server.
    Life,
    /// A server that does nothing while no client sends.
    Rest(Busy),
}

/// What clients of a chat cause each other.
#[derive(Debug)]
pub struct Meanwhile {
    /// Whether this may come to a client that waits for something else.
    pub may_come: fn(&[u8]) -> bool,
    /// What moves a thread that reads: it goes on, or waits for a lock that it holds itself.
    pub nudge: &'static [u8],
}

/// What a server does while no client sends.
#[derive(Debug, Clone, Copy)]
pub enum Busy {
    /// For this long it makes one call of the system after another, and gets nowhere.
    Calls(Duration),
    /// It was looked at for `time`, used the CPU for `used` of that, and printed so many bytes; whether it
    /// `computes`: then it made hardly a call of the system.
    Works { time: Duration, used: Duration, printed: usize, computes: bool },
    /// It was looked at for `time`, and went to sleep again so many times.
    WakesUp { time: Duration, times: u64 },
}

/// What an exercise says of a verdict that a step of its own gets.
#[derive(Debug)]
pub struct Gloss {
    /// Which verdicts it is about.
    pub codes: &'static [Code],
    /// The verdict that it is in this exercise.
    pub code: Option<Code>,
    /// What is special about this case.
    pub note: Option<String>,
    /// Where to look first.
    pub look: &'static str,
}

impl From<Missed> for Halt {
    fn from(missed: Missed) -> Self {
        Self::Missed(Box::new(missed))
    }
}

impl From<Stopped> for Halt {
    fn from(stopped: Stopped) -> Self {
        Self::Stopped(stopped)
    }
}

impl Missed {
    /// A step of this client's that lacked something.
    pub fn new(who: char, lack: Lack) -> Self {
        Self { who, lack, glosses: Vec::new() }
    }
}

impl Gloss {
    /// Says it of a finding that it is about.
    pub fn apply(&self, finding: &mut Finding) {
        if !self.codes.contains(&finding.code) {
            return;
        }
        // Advice about the cause that was seen says more than advice for the verdict alone.
        if self.code.is_none() && self.note.is_none() && finding.look.is_some() {
            return;
        }
        finding.code = self.code.unwrap_or(finding.code);
        self.note.iter().for_each(|note| finding.note.clone_from(note));
        finding.look = Some(self.look);
    }
}

/// A thread of the server's or a client, and where it stood while a client waited in vain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The thread's name, or the client's letter.
    pub name: String,
    /// Where it stood.
    pub stands: Stands,
    /// The same, for a person.
    pub words: String,
}

/// Where a thread or a client stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stands {
    /// A thread, in this place.
    Thread(Place),
    /// A client that was accepted, and for which no thread stands in a call.
    Accepted,
    /// A client that was not accepted.
    Pending,
}

const ASKS_A_VARIABLE: &str = "It made hardly a call of the system meanwhile. Which loop asks a variable, a list or a lock \
                               (`try_lock`) again and again until it changes? Let it wait: `join`, a channel, a `Condvar`.";

/// What was found, and where.
#[derive(Debug)]
pub struct Finding {
    /// The verdict.
    pub code: Code,
    /// What is special about this case: a paragraph.
    pub note: String,
    /// Where to look first, if that is not where the verdict says.
    pub look: Option<&'static str>,
    /// Lines that prove it.
    pub evidence: Vec<String>,
    /// The same in sentences, where it is drawn.
    pub evidence_in_words: Vec<String>,
    /// What the server says of a failure of its own that no client had asked for.
    pub failure: Vec<String>,
    /// Where the server's threads stood while a client waited in vain, and which clients it had not
    /// accepted. Empty where the system does not tell.
    pub threads: Vec<Standing>,
    /// Whether it was proved, by threads that did not move, that nothing more would come.
    pub is_proved: bool,
    /// Whether it rests on how fast the server was: then it is made sure of.
    pub rests_on_speed: bool,
    /// Whether it was measured for a second, or an experiment has shown its cause again and again, after a client had
    /// waited in vain: then it need not be made sure of.
    pub is_sure: bool,
    /// The step that failed, in the record.
    pub step: Option<usize>,
}

impl Finding {
    /// A finding of this code.
    pub fn new(code: Code, note: impl Into<String>) -> Self {
        Self {
            code,
            note: note.into(),
            look: None,
            evidence: Vec::new(),
            evidence_in_words: Vec::new(),
            failure: Vec::new(),
            threads: Vec::new(),
            is_proved: false,
            rests_on_speed: false,
            is_sure: false,
            step: None,
        }
    }

    /// The same, with where to look first.
    pub fn look(mut self, look: &'static str) -> Self {
        self.look = Some(look);
        self
    }

    /// The same, proved by what was expected and what came.
    pub fn comparing(mut self, wanted: &[u8], got: &[u8]) -> Self {
        self.evidence = compare(wanted, got);
        self.evidence_in_words = compare_in_words(wanted, got);
        self
    }

    /// The same, which rests on how fast the server was.
    pub fn on_speed(mut self) -> Self {
        self.rests_on_speed = true;
        self
    }

    /// The same, at this step.
    pub fn at(mut self, step: Option<usize>) -> Self {
        self.step = step;
        self
    }
}

impl From<Busy> for Finding {
    fn from(busy: Busy) -> Self {
        let note = match busy {
            Busy::Calls(time) => format!(
                "While a client waited, for {}, it made one call of the system after another, and got \
                 nowhere.",
                figure(time)
            ),
            Busy::Works { time, used, printed, .. } => format!(
                "While no client was sending, for {}, it used the CPU for {} and printed {printed} bytes.",
                figure(time),
                figure(used)
            ),
            Busy::WakesUp { time, times } => {
                format!("It woke up {times} times in {} while no client was sending.", figure(time))
            }
        };
        let finding = Self::new(Code::Spins, note);
        match busy {
            Busy::Works { computes: true, .. } => {
                Self { is_sure: true, ..finding.look(ASKS_A_VARIABLE) }
            }
            _ => finding,
        }
    }
}

impl From<Finding> for Halt {
    fn from(finding: Finding) -> Self {
        Self::Found(Box::new(finding))
    }
}
