//! The table of labs: all that the assistant, the tests and the pages say of a lab. A new lab is one more entry.

use crate::check::Exercise;
use crate::check::scenes::{chat, greeter, half_lines, house, lines, pool, reverse, room, upper};
use crate::check::verdicts::Code;

/// A lab of the course.
#[derive(Debug)]
pub struct Lab {
    /// The number of the lab whose server it changes.
    pub grows_out_of: Option<&'static str>,
    /// What it teaches.
    pub idea: &'static str,
    /// Options of its server that are part of the lesson, and what they do.
    pub options: Option<(&'static str, &'static str)>,
    /// What is to be done in `practice.rs`, and how that is checked.
    pub exercise: Exercise,
}

/// The labs, in the order of the course.
pub const LABS: &[Lab] = &[
    Lab {
        grows_out_of: None,
        idea: "bind, listen, accept, read, write, close: one client, one message",
        options: None,
        exercise: Exercise {
            lab: "01_blocking_upper",
            task: "keep the line open",
            starter: Code::ClosedEarly,
            scenes: &upper::SCENES,
            advice: upper::ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("01"),
        idea: "`accept` and `read` block: the second client waits for the first",
        options: None,
        exercise: Exercise {
            lab: "02_blocking_greeter",
            task: "lose patience",
            starter: Code::Serial,
            scenes: &greeter::PATIENCE,
            advice: greeter::PATIENCE_ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("02"),
        idea: "a thread per client: one changed line, the same client",
        options: None,
        exercise: Exercise {
            lab: "03_threaded_greeter",
            task: "number the players",
            starter: Code::IncompleteReply,
            scenes: &greeter::NUMBERS,
            advice: greeter::NUMBERS_ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("01"),
        idea: "ownership: who closes the socket, and when",
        options: None,
        exercise: Exercise {
            lab: "04_threaded_upper",
            task: "a thread for each chat",
            starter: Code::Serial,
            scenes: &chat::THREADED,
            advice: chat::THREADED_ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("04"),
        idea: "a conversation: loop until the quit word or the end of input",
        options: None,
        exercise: Exercise {
            lab: "05_threaded_session",
            task: "line by line",
            starter: Code::WrongReply,
            scenes: &lines::SCENES,
            advice: lines::ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("05"),
        idea: "several prints are one record: lock the console",
        options: Some(("--unlocked --pause 200", "leaves the lock out, so that records are torn")),
        exercise: Exercise {
            lab: "06_locked_names",
            task: "whole turns",
            starter: Code::MixedUp,
            scenes: &chat::TURNS,
            advice: &[],
        },
    },
    Lab {
        grows_out_of: Some("06"),
        idea: "how long a lock is held: for the record, never for the conversation",
        options: Some(("--hold conversation", "holds the lock too long, so that clients wait")),
        exercise: Exercise {
            lab: "07_locked_reverse",
            task: "free the lock",
            starter: Code::LockHeld,
            scenes: &reverse::SCENES,
            advice: reverse::ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("05"),
        idea: "a server that stops cleanly: flag, knock, wake, join",
        options: None,
        exercise: Exercise {
            lab: "08_graceful_session",
            task: "house full",
            starter: Code::NotRefused,
            scenes: &house::SCENES,
            advice: &[],
        },
    },
    Lab {
        grows_out_of: Some("03"),
        idea: "a fixed number of threads and a bounded queue",
        options: Some(("--workers 1 --queue 5", "has one thread and a longer queue")),
        exercise: Exercise {
            lab: "09_pooled_greeter",
            task: "all hands",
            starter: Code::LockHeld,
            scenes: &pool::SCENES,
            advice: pool::ADVICE,
        },
    },
    Lab {
        grows_out_of: Some("07"),
        idea: "each line goes to all other clients: `write_all` blocks too",
        options: Some(("--write held", "writes under the lock, so that one client stops all")),
        exercise: Exercise {
            lab: "10_broadcast_chat",
            task: "the slow listener",
            starter: Code::Stalled,
            scenes: &room::SCENES,
            advice: &[],
        },
    },
    Lab {
        grows_out_of: Some("07"),
        idea: "one call that waits for every client",
        options: None,
        exercise: Exercise {
            lab: "11_polled_reverse",
            task: "half a line",
            starter: Code::Serial,
            scenes: &half_lines::SCENES,
            advice: half_lines::ADVICE,
        },
    },
];

/// The number of the first lab that goes beyond the course, which is complete by itself.
pub const FIRST_BEYOND: &str = "08";

impl Lab {
    /// Reads a lab's number, such as `02` or `2`. Fails with a sentence that says which labs there are.
    pub fn parse(number: &str) -> Result<&'static Self, String> {
        let asked: Option<u8> = number.parse().ok();
        let lab = LABS.iter().find(|lab| asked.is_some() && lab.number().parse().ok() == asked);
        let last = LABS.last().map_or_else(Default::default, Self::number);
        lab.ok_or_else(|| format!("the labs are 01 to {last}"))
    }

    /// The name of its folder, and how its files begin: `NN_stage_system`.
    pub fn name(&self) -> &'static str {
        self.exercise.lab
    }

    /// `01`.
    pub fn number(&self) -> &'static str {
        self.exercise.number()
    }

    /// The lab after this one.
    pub fn next(&self) -> Option<&'static Self> {
        let place = LABS.iter().position(|lab| lab.name() == self.name())?;
        LABS.get(place + 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::process::examples::package_folder;
    use std::collections::BTreeSet;
    use std::fs;

    #[test]
    fn the_course_is_the_servers_that_there_are() {
        let files = fs::read_dir(package_folder().join("examples")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let server = |name: String| Some(name.strip_suffix("_server.rs")?.to_owned());
        let servers: BTreeSet<String> = names.filter_map(server).collect();
        let labs: Vec<&str> = LABS.iter().map(Lab::name).collect();
        assert_eq!(servers.into_iter().collect::<Vec<_>>(), labs);
    }

    #[test]
    fn every_lab_has_its_number_its_exercise_and_its_targets() {
        let manifest = fs::read_to_string(package_folder().join("Cargo.toml")).unwrap();
        assert!(LABS.is_sorted_by_key(Lab::number));
        for lab in LABS {
            let (number, name) = (lab.number(), lab.name());
            assert_eq!(number, &name[..2]);
            for kind in ["practice", "solution"] {
                let target =
                    format!("name = \"{number}_{kind}\"\npath = \"labs/{name}/{kind}.rs\"\n");
                assert!(manifest.contains(&target), "{target}");
            }
        }
    }
}
