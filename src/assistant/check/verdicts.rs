//! The verdicts: what each is called, what it says, and why the pattern means that cause.

/// What a check has found. [`VERDICTS`] says what each of them means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Pass,
    NotStarted,
    DidNotBuild,
    DidNotStart,
    PortTaken,
    NotListening,
    NeverAnswered,
    WrongReply,
    IncompleteReply,
    ClosedEarly,
    NotClosed,
    Serial,
    LockHeld,
    Stalled,
    Unbounded,
    SelfDeadlock,
    NotRefused,
    LeakedPlace,
    WorkerLost,
    TooManyThreads,
    MixedUp,
    NotShown,
    TornRecord,
    Poisoned,
    NoPanic,
    Spins,
    Died,
    NoCleanExit,
}

/// What is said about a code.
#[derive(Debug)]
pub struct Verdict {
    /// Which one.
    pub code: Code,
    /// How scripts call it.
    pub name: &'static str,
    /// What it means.
    pub sentence: &'static str,
    /// Why the pattern that was seen means this cause.
    pub why: &'static str,
    /// Where to look first.
    pub look: &'static str,
    /// The sections of the handouts that explain it, in the order of the labs: the lab's folder and
    /// the heading.
    pub read: &'static [Section],
}

/// A section of a handout: the lab's folder and the heading.
pub type Section = (&'static str, &'static str);

impl Verdict {
    /// Where a student reads on who does the exercise of `lab`: the last section that this lab or an
    /// earlier one has about it, else the exercise itself.
    pub fn section(&self, lab: &'static str) -> Section {
        let known = self.read.iter().rfind(|(explains, _)| *explains <= lab);
        known.copied().unwrap_or((lab, "Practice"))
    }
}

impl Code {
    /// What is said about it.
    pub fn verdict(self) -> &'static Verdict {
        // The table has every code: a test sees to it.
        VERDICTS.iter().find(|verdict| verdict.code == self).unwrap_or(&VERDICTS[0])
    }

    /// Whether it rests on a time that was measured, which can be bad luck.
    pub fn rests_on_time(self) -> bool {
        self == Self::NoCleanExit
    }

    /// Whether it rests on something that did not come. Unless it is proved that it never will, such a
    /// finding is made twice, the second time with twice the patience, before it is told.
    pub fn rests_on_silence(self) -> bool {
        use Code::*;
        matches!(
            self,
            NeverAnswered
                | IncompleteReply
                | NotClosed
                | Serial
                | LockHeld
                | Stalled
                | SelfDeadlock
                | NotRefused
                | LeakedPlace
                | WorkerLost
                | NotShown
                | Spins
                | NoCleanExit
        )
    }
}

/// All of them.
pub const VERDICTS: [Verdict; 28] = [
    Verdict {
        code: Code::Pass,
        name: "PASS",
        sentence: "All checks passed.",
        why: "",
        look: "",
        read: &[],
    },
    Verdict {
        code: Code::NotStarted,
        name: "NOT_STARTED",
        sentence: "The file is still the starter.",
        why: "Every byte of practice.rs is as it was handed out. A check of all exercises leaves \
              such a file out; `check` with the exercise's number checks it.",
        look: "The task: the section Practice of the lab's handout.",
        read: &[],
    },
    Verdict {
        code: Code::DidNotBuild,
        name: "DID_NOT_BUILD",
        sentence: "The program does not compile, so there is nothing to check yet.",
        why: "The compiler's messages are above. Begin with the first error: the others are often \
              its consequences.",
        look: "The line that the first error names. If the error has a number, such as E0382, \
               `rustc --explain E0382` says more.",
        read: &[("04_threaded_upper", "Read it")],
    },
    Verdict {
        code: Code::DidNotStart,
        name: "DID_NOT_START",
        sentence: "The program ended before any client could connect.",
        why: "The process had ended before it listened on its port. No client can be the cause: \
              none had connected yet.",
        look: "Its last lines, above; then what `main` does before the loop with `accept`. Does \
               it take its port and the options of the exercise from the command line?",
        read: &[("01_blocking_upper", "Read it")],
    },
    Verdict {
        code: Code::PortTaken,
        name: "PORT_TAKEN",
        sentence: "The server says that its port is taken, on every port that was tried.",
        why: "The checker gave it several ports that were free a moment before. So the server \
              does not use the port it is given, or it binds the same port twice.",
        look: "The call of `bind`: does its address come from `--port`, and is there only one?",
        read: &[("01_blocking_upper", "Break it")],
    },
    Verdict {
        code: Code::NotListening,
        name: "NOT_LISTENING",
        sentence: "The program runs, but it does not listen on the port that it was given.",
        why: "The process is alive, but the kernel refuses every connection: no socket listens on \
              this port.",
        look: "`bind`: the port must be the one of `--port`, the address 127.0.0.1. Is there a \
               call before it that does not return?",
        read: &[("01_blocking_upper", "Read it")],
    },
    Verdict {
        code: Code::NeverAnswered,
        name: "NEVER_ANSWERED",
        sentence: "A client was connected and got no reply.",
        why: "No other client was the cause: there was none, or the checker closed its \
              connection, and still no reply came. So this conversation itself does not reach the \
              line that writes the reply.",
        look: "If the client was accepted: in which call does its thread stand now? In a `read` that \
               waits for more than was sent (a newline, a full buffer, the end of input)? For a lock that \
               is not released? Is the reply flushed?",
        read: &[
            ("01_blocking_upper", "Read it"),
            ("09_pooled_greeter", "Read it"),
            ("10_broadcast_chat", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::WrongReply,
        name: "WRONG_REPLY",
        sentence: "The server answered, but not with the bytes that were expected.",
        why: "The server sent bytes. They are right up to the first difference, which is shown above.",
        look: "The line that makes the text: compare it with the task, letter by letter, newline \
               included. Do zeros or old bytes follow? `&buffer[..length]` is what was read, \
               `&buffer` is everything.",
        read: &[
            ("01_blocking_upper", "Read it"),
            ("09_pooled_greeter", "Read it"),
            ("10_broadcast_chat", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::IncompleteReply,
        name: "INCOMPLETE_REPLY",
        sentence: "The reply stops short, while the connection stays open.",
        why: "What came is right as far as it goes; then nothing more came. The connection is \
              open, and no other client was the cause: the server has written all that it is \
              going to write.",
        look: "What is written after the part that arrived. Is it written at all, its newline \
               included? Is there a `write` where `write_all` is needed, or a `flush` missing?",
        read: &[
            ("01_blocking_upper", "Read it"),
            ("10_broadcast_chat", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::ClosedEarly,
        name: "CLOSED_EARLY",
        sentence: "The server closed a connection too early.",
        why: "The client was still waiting for data when its connection was closed (an end of \
              input, a reset and a broken pipe are the same finding). The server's process is \
              alive, so the whole program did not crash.",
        look: "Where the function that serves one client returns: a `return`, a `break`, a `?` \
               (at a timeout, `read` returns the error WouldBlock on Unix, TimedOut on Windows), \
               or just its last line. There the socket is dropped, and dropping closes it. Write \
               everything before you return.",
        read: &[
            ("01_blocking_upper", "Read it"),
            ("09_pooled_greeter", "Read it"),
            ("10_broadcast_chat", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::NotClosed,
        name: "NOT_CLOSED",
        sentence: "The conversation is over, but the server keeps the connection open.",
        why: "The client had everything that was due to it and waited for the end of the \
              connection, which did not come. A socket is closed when its last owner is dropped, \
              so it still has an owner.",
        look: "What else owns the stream: a `try_clone`, an `Arc`, a list of clients? Or a loop \
               that goes on reading although the conversation is over, or a `read` that waits for \
               a message from a client that is being turned away?",
        read: &[
            ("01_blocking_upper", "Read it"),
            ("04_threaded_upper", "Read it"),
            ("10_broadcast_chat", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::Serial,
        name: "SERIAL",
        sentence: "One client at a time: the next is served only after the one before has left.",
        why: "While one client was connected, another got nothing. The checker closed the first \
              one's connection, and at that moment the other was served. So it waited for the \
              first, and for nothing else. The server had not given it a thread before.",
        look: "What stands between two calls of `accept`: it must return at once. Is one client \
               served there? Is its thread joined there? Does one thread serve all clients?",
        read: &[
            ("02_blocking_greeter", "Read it"),
            ("03_threaded_greeter", "Read it"),
            ("11_polled_reverse", "Read it"),
        ],
    },
    Verdict {
        code: Code::LockHeld,
        name: "LOCK_HELD",
        sentence: "A client was accepted, but it had to wait for another one.",
        why: "The server had accepted this client, and did not serve it while another one was \
              connected. So something that it needed was held for another client all the time, \
              most often a lock.",
        look: "Every `lock()`: until which line does its guard live? A guard lives to the end of \
               its block; one that is made in the head of a `match`, `if let` or `while let` \
               lives through the body, and one that is made before a `read` lives through that.",
        read: &[
            ("06_locked_names", "Read it"),
            ("07_locked_reverse", "Read it"),
            ("09_pooled_greeter", "Read it"),
        ],
    },
    Verdict {
        code: Code::Stalled,
        name: "STALLED",
        sentence: "A client that does not read holds up the others.",
        why: "One client read nothing, and what another one said did not come to a third. When the \
              checker closed the first one's connection, it came. So a thread was waiting for the \
              client that did not read, and held what the others needed: a lock, or the only thread \
              that writes.",
        look: "What is called while the lock is held: `write_all` waits when the client's buffers are \
               full, and `send` waits when a `sync_channel` is full. `try_send` does not wait.",
        read: &[("10_broadcast_chat", "Read it")],
    },
    Verdict {
        code: Code::Unbounded,
        name: "UNBOUNDED",
        sentence: "The server keeps more and more for one client.",
        why: "The server took far more than the system's own buffers hold, which is a few million bytes, \
              and one client did not get what came of it. All the rest is in the server's memory, and \
              nothing limits it.",
        look: "What the server keeps for one client, a queue or a buffer: what limits its length? \
               `channel()` has no limit, `sync_channel(100)` has one. Decide what is done when it is full.",
        read: &[("10_broadcast_chat", "Read it"), ("11_polled_reverse", "Read it")],
    },
    Verdict {
        code: Code::SelfDeadlock,
        name: "SELF_DEADLOCK",
        sentence: "A thread waits for a lock that no other thread will release.",
        why: "Only one client was left, and the thread that serves it waits for a lock. All other \
              threads wait for new clients. The thread that has locked a `Mutex` may not lock it \
              again: it waits for its own guard, for ever.",
        look: "Every `lock()`: is a guard still alive when a function is called that locks as well? \
               Lock in one place only: in the function that prints, or where it is called. And does \
               `main` keep a guard outside of its loop?",
        read: &[("07_locked_reverse", "Read it")],
    },
    Verdict {
        code: Code::NotRefused,
        name: "NOT_REFUSED",
        sentence: "A client beyond the limit was not turned away.",
        why: "The server has a fixed number of places, and all were taken. A client that comes then must \
              be told at once that the server is full, and must not be served. At least one was told \
              nothing, was told too late, or was served.",
        look: "The line that compares the count with the limit: before the thread is started, and \
               with `>=`? Is the client told, or does the server just wait for a place?",
        read: &[],
    },
    Verdict {
        code: Code::LeakedPlace,
        name: "LEAKED_PLACE",
        sentence: "A client has left, and its place is still counted as taken.",
        why: "The checker asked again and again, for seconds, while only the clients shown were \
              connected. The place did not become free.",
        look: "Every way out of the handler: the end, `?`, `return`, a panic. A count that is \
               taken back in `Drop` is taken back on all of them.",
        read: &[],
    },
    Verdict {
        code: Code::WorkerLost,
        name: "WORKER_LOST",
        sentence: "A client has left, and the worker that served it serves no other client.",
        why: "All workers had a client. When one of these clients had left, its worker should have \
              taken the next one, and no worker did.",
        look: "The loop of the worker: does it go on behind every client? A `return`, a `?`, a `break` \
               or a panic ends it, and no new thread is started.",
        read: &[("09_pooled_greeter", "Break it")],
    },
    Verdict {
        code: Code::TooManyThreads,
        name: "TOO_MANY_THREADS",
        sentence: "The server must have a fixed number of threads, but it starts one for a client.",
        why: "All workers had a client. One more client came, which had to wait, and the server had more \
              threads than before.",
        look: "Where threads are started: before the loop with `accept`, and nowhere else. A client that \
               waits needs a place in a queue, and no thread.",
        read: &[("09_pooled_greeter", "Read it")],
    },
    Verdict {
        code: Code::MixedUp,
        name: "MIXED_UP",
        sentence: "An answer went to another client than the one it was meant for.",
        why: "The operator answered one client's message, and another client got the answer. Two \
              threads were waiting for the same keyboard, and the wrong one read the line; or the \
              answer is written to another socket than the one that the message came from.",
        look: "The lock: it must be taken before the message is printed, and its guard must live \
               until the operator's line has been read. No longer, and no shorter.",
        read: &[("06_locked_names", "Read it")],
    },
    Verdict {
        code: Code::NotShown,
        name: "NOT_SHOWN",
        sentence: "A client's message, or the prompt for the answer, did not appear on the console.",
        why: "The client sent a line, and the console did not show its text and a prompt behind it before the \
              operator answered. No other client was the cause.",
        look: "Is the message printed before the operator is asked? Output into a pipe may have \
               to be flushed.",
        read: &[],
    },
    Verdict {
        code: Code::TornRecord,
        name: "TORN_RECORD",
        sentence: "Lines that belong together were separated by another client's lines.",
        why: "One client alone gets a record of several lines. With several clients at once some \
              of these records have lines of other clients in them. One such record is proof: \
              lines under one lock cannot be separated.",
        look: "The guard of the console's lock: it must be made before the first line of the \
               record and live until after the last. A lock for each line protects nothing.",
        read: &[("06_locked_names", "Read it")],
    },
    Verdict {
        code: Code::Poisoned,
        name: "POISONED",
        sentence: "One handler panicked, and since then the others cannot do their work.",
        why: "The process is alive, and before the panic all went well. The panic happened while \
              a lock was held. In Rust this poisons the lock: from then on `lock()` returns an error. In other \
              languages the lock may still be held.",
        look: "What is done with the result of `lock()`. `unwrap` panics again, `?` and `return` \
               turn the client away or leave its record out; \
               `unwrap_or_else(PoisonError::into_inner)` takes the guard and goes on. A flag or a count of \
               your own is set back after a panic only in a `drop`.",
        read: &[],
    },
    Verdict {
        code: Code::NoPanic,
        name: "NO_PANIC",
        sentence: "The message that must make a handler panic did not make it panic.",
        why: "The starter has a bug on purpose: a message with `PANIC` in it makes the handler panic. \
              The exercise is to survive that, so the bug has to stay.",
        look: "The line with `assert!`: put it back where the starter has it.",
        read: &[],
    },
    Verdict {
        code: Code::Spins,
        name: "SPINS",
        sentence: "The server uses the CPU while no client is sending.",
        why: "The server had nothing to do and used the CPU all the same. Most often a client has \
              left, or has ended its input: then `read` returns 0 at once, again and again, and a \
              loop that takes 0 for an empty message never ends.",
        look: "Every loop with a `read`: what happens when it returns 0 (in Python: an empty \
               result)? And loops around an `accept` or a `read` that must not block.",
        read: &[
            ("01_blocking_upper", "Practice"),
            ("05_threaded_session", "What the Python original gets wrong"),
            ("11_polled_reverse", "Break it"),
        ],
    },
    Verdict {
        code: Code::Died,
        name: "DIED",
        sentence: "The server's process has ended: one client ended it for all others.",
        why: "Clients had been served, then the process ended. The checker had not asked it to \
              end.",
        look: "Its last lines, above, and the last step before the end. Is there an `unwrap` on \
               something that a client can cause: an end of input, a reset, bytes that are not \
               UTF-8? A `?` that leads out of `main`?",
        read: &[("01_blocking_upper", "What the Python original gets wrong")],
    },
    Verdict {
        code: Code::NoCleanExit,
        name: "NO_CLEAN_EXIT",
        sentence: "Ctrl-C did not end the server cleanly while clients were connected.",
        why: "The checker sent SIGINT, as Ctrl-C does, and waited for the process to end with \
              status 0.",
        look: "What is joined at the end: a thread that waits in `read` for an idle client never \
               ends, unless its socket is shut down first. And is `accept` woken?",
        read: &[("08_graceful_session", "Read it")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;

    use crate::course::LABS;
    use crate::process::examples::package_folder;

    #[test]
    fn every_code_has_its_verdict_once() {
        for verdict in &VERDICTS {
            assert_eq!(verdict.code.verdict().name, verdict.name);
            let written: String = format!("{:?}", verdict.code).to_uppercase();
            assert_eq!(verdict.name.replace('_', ""), written);
        }
        let names: BTreeSet<&str> = VERDICTS.iter().map(|verdict| verdict.name).collect();
        assert_eq!(names.len(), VERDICTS.len());
    }

    #[test]
    fn every_section_named_exists_and_no_reader_is_sent_ahead() {
        for (verdict, lab) in
            VERDICTS.iter().flat_map(|verdict| LABS.iter().map(move |lab| (verdict, lab)))
        {
            let (explains, heading) = verdict.section(lab.name());
            assert!(
                explains <= lab.name(),
                "{}: {explains} comes after {}",
                verdict.name,
                lab.name()
            );
            let file = package_folder().join("labs").join(explains).join("README.md");
            let text = fs::read_to_string(&file).unwrap_or_default();
            let heading = format!("## {heading}");
            let found = text.lines().any(|line| line == heading);
            assert!(found, "{}: {explains} has no {heading:?}", verdict.name);
        }
        assert!(VERDICTS.iter().all(|verdict| verdict.read.is_sorted()));
    }
}
