//! Exercises 02 and 03: the greeter loses patience, and numbers its players.

use std::time::Duration;

use super::{Scene, Way};
use crate::assistant::check::compare::compare;
use crate::assistant::check::stage::{Finding, Outcome, Reply, Stage, WIDTH};
use crate::assistant::check::verdicts::Code;
use crate::assistant::record::What;
use crate::assistant::scripted_client::Heard;

const GREETING: &str = "Do you want to play a game?\n";
const TOO_SLOW: &str = "Too slow!\n";

/// How long a client takes that is in time; it is also what a server gets to notice who has left.
const THINKING_TIME: Duration = Duration::from_millis(300);

pub const PATIENCE: [Scene; 3] = [
    Scene {
        title: "an answer in time",
        options: &["--patience", "60"],
        needs_console: false,
        play: in_time,
    },
    Scene {
        title: "clients that say nothing",
        options: &["--patience", "0.5"],
        needs_console: false,
        play: too_slow,
    },
    Scene {
        title: "clients that leave without an answer",
        options: &["--patience", "60"],
        needs_console: false,
        play: leaving,
    },
];

fn in_time(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.expect('A', GREETING, "its greeting")?;
    stage.think('A', THINKING_TIME)?;
    stage.send('A', "yes, says A")?;
    stage.expect_end('A')?;
    answers(stage, 'B')
}

fn too_slow(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.expect('A', GREETING, "its greeting")?;
    stage.connect('B')?;
    told(stage, 'A', 'B')?;
    stage.expect('B', GREETING, "its greeting")?;
    stage.connect('C')?;
    told(stage, 'B', 'C')?;
    stage.expect('C', GREETING, "its greeting")?;
    stage.send('C', "yes, says C")?;
    stage.expect_end('C')
}

/// `slow` says nothing and is told so; `next` waits meanwhile.
fn told(stage: &mut Stage<'_>, slow: char, next: char) -> Outcome {
    let name = "\"Too slow!\"";
    stage.note(slow, What::Waiting(name));
    let reply = stage.hear(slow, TOO_SLOW.as_bytes(), stage.patience())?;
    if reply != Reply::Silent {
        stage.judge(reply, slow, TOO_SLOW.as_bytes(), name)?;
        return stage.expect_end(slow);
    }
    stage.is_dead(slow)?;
    stage.nothing_came(slow);
    let unfinished = stage.finding(slow, Code::IncompleteReply, "");
    // Does the next one wait for it?
    stage.note(next, What::Waiting("its greeting"));
    let waiting = stage.hear(next, GREETING.as_bytes(), THINKING_TIME)? == Reply::Silent;
    if !waiting {
        let note = format!("{slow} said nothing, and was never told that it is too slow.");
        return Err(Finding { note, ..unfinished }.into());
    }
    stage.nothing_came(next);
    let serial = stage.finding(next, Code::Serial, "");
    stage.close(slow);
    if stage.hear(next, GREETING.as_bytes(), stage.patience())? != Reply::Right {
        return Err(stage.silent(next, GREETING.as_bytes(), "its greeting"));
    }
    stage.client(next)?.note(What::Received(GREETING.into()));
    let note = format!(
        "{slow} was greeted, said nothing, and was not told that it is too slow. {next} was greeted \
         only when {slow} had left by itself: the server had lost no patience."
    );
    let look = Some(
        "The `read` that waits for the answer: it must give up when the patience is at an end \
         (`set_read_timeout`). What it returns then is no reason to leave without a word.",
    );
    Err(Finding { note, look, ..serial }.into())
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.expect('A', GREETING, "its greeting")?;
    stage.close('A');
    answers(stage, 'B')?;
    stage.connect('C')?;
    stage.break_off('C', "its greeting")?;
    answers(stage, 'D')?;
    stage.must_be_idle()
}

fn answers(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    stage.expect(who, GREETING, "its greeting")?;
    stage.send(who, format!("yes, says {who}"))?;
    stage.expect_end(who)
}

pub const NUMBERS: [Scene; 2] = [
    Scene {
        title: "players who come while others are there",
        options: &[],
        needs_console: false,
        play: numbers,
    },
    Scene {
        title: "players who leave in every way",
        options: &[],
        needs_console: false,
        play: counted_off,
    },
];

const STATUS: &str = "its number";

/// What the line of a player says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status {
    number: u64,
    online: u64,
}

impl Status {
    fn line(self) -> String {
        format!("You are player {}, {} online.\n", self.number, self.online)
    }

    fn read(line: &str) -> Option<Self> {
        let (number, online) = line.strip_prefix("You are player ")?.split_once(", ")?;
        let online = online.strip_suffix(" online.\n")?;
        Some(Self { number: number.parse().ok()?, online: online.parse().ok()? })
    }
}

fn numbers(stage: &mut Stage<'_>) -> Outcome {
    let first = first_player(stage)?;
    let mut expected = Status { number: first.number, online: 1 };
    for who in ['B', 'C'] {
        expected = Status { number: expected.number + 1, online: expected.online + 1 };
        greeted(stage, who)?;
        stage.expect(who, expected.line(), STATUS)?;
    }
    for who in ['B', 'A', 'C'] {
        stage.send(who, format!("yes, says {who}"))?;
        stage.expect_end(who)?;
    }
    stage.must_be_alive()
}

/// A is the first one; a server that runs already may have had others before.
fn first_player(stage: &mut Stage<'_>) -> Outcome<Status> {
    greeted(stage, 'A')?;
    let mut status = Status { number: 1, online: 1 };
    if !stage.has_console() {
        let line = status_line(stage, 'A')?;
        status.number = Status::read(&line).map_or(1, |status| status.number);
    }
    stage.expect('A', status.line(), STATUS)?;
    Ok(status)
}

fn greeted(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    stage.expect_part(who, GREETING, "its greeting")
}

/// Looks at the line that has arrived, or part of it; it stays to be taken.
fn status_line(stage: &mut Stage<'_>, who: char) -> Outcome<String> {
    let patience = stage.patience();
    let heard = stage.listen(who, patience, |arrived| arrived.contains(&b'\n'))?;
    let arrived = stage.arrived(who);
    if heard == Heard::Enough {
        let length = arrived.iter().position(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        return Ok(String::from_utf8_lossy(&arrived[..length]).into_owned());
    }
    Ok(String::from_utf8_lossy(&arrived).into_owned())
}

fn counted_off(stage: &mut Stage<'_>) -> Outcome {
    let mut number = first_player(stage)?.number;
    let ways: [Way; 3] = [
        ("has answered", |stage, who| {
            stage.send(who, format!("yes, says {who}"))?;
            stage.expect_end(who)
        }),
        ("has left without an answer", |stage, who| {
            stage.close(who);
            Ok(())
        }),
        ("was broken off", |_, _| Ok(())),
    ];
    // A stays. In each round one player comes and goes; whoever comes next must not count it.
    let mut names = 'B'..='Z';
    for (way, leave) in ways {
        let Some(who) = names.next() else { break };
        number += 1;
        if way == "was broken off" {
            stage.connect(who)?;
            stage.break_off(who, "its greeting")?;
        } else {
            greeted(stage, who)?;
            stage.expect(
                who,
                Status { number, online: stage.connected().len() as u64 }.line(),
                STATUS,
            )?;
            leave(stage, who)?;
        }
        not_counted(stage, &mut number, &mut names, &format!("{who} {way}"))?;
    }
    stage.must_be_idle()
}

/// Players come, and stay, until one is told the right number of players. At first that may be too
/// many, because a server cannot know at once who has left.
fn not_counted(
    stage: &mut Stage<'_>,
    number: &mut u64,
    names: &mut impl Iterator<Item = char>,
    gone: &str,
) -> Outcome {
    let mut pauses = [THINKING_TIME, stage.patience()].into_iter();
    loop {
        let Some(who) = names.next() else { return Ok(()) };
        *number += 1;
        greeted(stage, who)?;
        let right = Status { number: *number, online: stage.connected().len() as u64 };
        stage.note(who, What::Waiting(STATUS));
        let line = status_line(stage, who)?;
        let too_many = Status::read(&line)
            .is_some_and(|it| it.number == right.number && it.online > right.online);
        if !too_many {
            return stage.expect(who, right.line(), STATUS);
        }
        let Some(pause) = pauses.next() else {
            let note = format!("{gone}, and is still counted as online, seconds later.");
            let mut finding = stage.finding(who, Code::LeakedPlace, note);
            finding.evidence = compare(right.line().as_bytes(), line.as_bytes(), WIDTH);
            return Err(finding.into());
        };
        let got = stage.client(who)?.take_arrived(line.len());
        stage.note(who, What::Received(got));
        stage.think(who, pause)?;
    }
}
