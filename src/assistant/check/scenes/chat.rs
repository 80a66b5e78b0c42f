//! Exercises 04 and 06: a chat of clients with the server's operator, whom the checker plays.

use std::io::Write;
use std::time::Instant;

use super::Scene;
use crate::assistant::check::stage::{Finding, Outcome, PEEK_TIME, Reply, Stage};
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::{CONSOLE, What};
use crate::assistant::process::interrupt::{self, POLL_INTERVAL};

/// How many words a long answer has. Two of them must fit into the pipe that the operator's lines go
/// through, which takes 64 KiB.
const LONG_ANSWER: usize = 2_000;

const ANSWER: &str = "its answer";

const ALONE: Scene = Scene {
    title: "one client and the operator, in turn",
    options: &[],
    needs_console: true,
    play: alone,
};

const SIDE_BY_SIDE: Scene = Scene {
    title: "a second client while the first is silent",
    options: &[],
    needs_console: true,
    play: side_by_side,
};

const LEAVING: Scene = Scene {
    title: "clients that leave, with and without a bye",
    options: &[],
    needs_console: true,
    play: leaving,
};

const END_OF_INPUT: Scene = Scene {
    title: "the operator's input ends",
    options: &[],
    needs_console: true,
    play: end_of_input,
};

pub const THREADED: [Scene; 4] = [ALONE, SIDE_BY_SIDE, LEAVING, END_OF_INPUT];

pub const TURNS: [Scene; 6] = [
    ALONE,
    SIDE_BY_SIDE,
    Scene {
        title: "two clients speak before the operator has answered",
        options: &[],
        needs_console: true,
        play: both_at_once,
    },
    Scene {
        title: "a client that reads no answer",
        options: &[],
        needs_console: true,
        play: beside_one_that_does_not_read,
    },
    LEAVING,
    END_OF_INPUT,
];

/// A line of the client and the operator's answer.
fn turn(stage: &mut Stage<'_>, who: char, number: u32) -> Outcome {
    let message = format!("question {number} of {who}");
    stage.send(who, format!("{message}\n"))?;
    answer(stage, who, &message, &format!("answer {number} for {who}"))
}

/// The operator answers a message of `who`, once it is shown.
fn answer(stage: &mut Stage<'_>, who: char, message: &str, answer: &str) -> Outcome {
    let patience = stage.reply_patience();
    let shown = stage.is_shown(message, patience);
    if !shown {
        stage.is_dead(who)?;
    }
    let unseen = stage.finding(who, Code::NotShown, format!("The line of {who} is missing."));
    stage.type_line(answer)?;
    stage.expect(who, format!("{answer}\n"), ANSWER)?;
    if shown || stage.is_shown(message, patience) {
        return Ok(());
    }
    Err(unseen.into())
}

fn alone(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    turn(stage, 'A', 2)?;
    stage.send('A', "one more\n")?;
    answer(stage, 'A', "one more", "bye")?;
    stage.expect_end('A')?;
    stage.must_be_alive()
}

fn side_by_side(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.connect('B')?;
    turn(stage, 'B', 1)?;
    turn(stage, 'B', 2)?;
    turn(stage, 'A', 1)?;
    stage.connect('C')?;
    turn(stage, 'C', 1)?;
    stage.must_be_alive()
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    stage.send('A', "bye\n")?;
    stage.expect_end('A')?;
    stage.connect('B')?;
    stage.close('B');
    stage.connect('C')?;
    stage.send('C', "nobody reads the answer\n")?;
    if !stage.is_shown("nobody reads the answer", stage.patience()) {
        return Err(stage.silent('C', b"", ANSWER));
    }
    stage.type_line("unread")?;
    stage.break_off('C', ANSWER)?;
    stage.connect('D')?;
    turn(stage, 'D', 1)?;
    stage.close('D');
    stage.must_be_idle()
}

/// The end of the operator's input is a `bye` to whoever asks.
fn end_of_input(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    stage.end_input();
    for who in ['A', 'B'] {
        if who == 'B' {
            stage.connect('B')?;
        }
        stage.send(who, format!("is anybody there, asks {who}\n"))?;
        stage.expect(who, "bye\n", ANSWER)?;
        stage.expect_end(who)?;
    }
    stage.must_be_idle()
}

/// The operator answers A at length, again and again, until A's handler waits in `write`; that is no
/// reason for B to wait.
fn beside_one_that_does_not_read(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    if !stage.sees_threads() {
        return stage.must_be_alive();
    }
    stage.note(CONSOLE, What::Server("made to answer A, which reads no answer".to_owned()));
    let mut questions = stage.stream('A')?;
    let answer = "a long answer, ".repeat(LONG_ANSWER);
    let mut wait = stage.begin_wait(stage.patience());
    for number in 2.. {
        let question = format!("unread question {number}");
        let _ = questions.write_all(format!("{question}\n").as_bytes());
        // The pipe takes two answers that nobody reads.
        let (mut is_shown, mut is_due) = (false, number % 2 == 0);
        while !(is_shown || is_due && stage.stands_in_write('A')) {
            (is_shown, is_due) = (stage.shows(&question, POLL_INTERVAL), true);
            if stage.is_over(&mut wait) || interrupt::requested() {
                return stage.must_be_alive();
            }
        }
        if !is_shown {
            break;
        }
        stage.type_quietly(&answer)?;
    }
    drop(questions);
    stage.connect('B')?;
    turn(stage, 'B', 1)?;
    stage.must_be_alive()
}

/// Both speak; the operator answers whoever's message stands above the prompt.
fn both_at_once(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.connect('B')?;
    for (round, (first, second)) in (1..).zip([('A', 'B'), ('B', 'A')]) {
        let message = |who: char| format!("message {round} of {who}");
        let start = stage.console_lines();
        stage.send(first, format!("{}\n", message(first)))?;
        if !stage.is_shown(&message(first), stage.patience()) {
            return Err(stage.silent(first, b"", ANSWER));
        }
        stage.send(second, format!("{}\n", message(second)))?;
        // In whole turns the second message is not shown yet. It is waited for all the same, unless the
        // server is seen to do nothing.
        if !stage.is_shown(&message(second), POLL_INTERVAL) && !stage.is_idle() {
            stage.is_shown(&message(second), stage.patience() / 2);
        }
        let mut open = vec![first, second];
        while !open.is_empty() {
            let Some(whose) = last_shown(stage, start, &open, message)? else {
                return Err(stage.silent(open[0], b"", ANSWER));
            };
            let text = format!("answer {round} for {whose}");
            stage.type_line(&text)?;
            delivered(stage, whose, &open, &text)?;
            open.retain(|who| *who != whose);
        }
    }
    stage.must_be_alive()
}

/// Whose message the operator sees last, of those that are not answered.
fn last_shown(
    stage: &mut Stage<'_>,
    start: usize,
    open: &[char],
    message: impl Fn(char) -> String,
) -> Outcome<Option<char>> {
    if let [only] = open {
        let _ = stage.is_shown(&message(*only), stage.patience());
    }
    let lines = stage.console_since(start);
    let place = |who: char| lines.iter().rposition(|line| line.contains(&message(who)));
    Ok(open.iter().copied().filter(|who| place(*who).is_some()).max_by_key(|who| place(*who)))
}

/// The answer must come to `whose`, and to nobody else.
fn delivered(stage: &mut Stage<'_>, whose: char, open: &[char], text: &str) -> Outcome {
    let wanted = format!("{text}\n");
    stage.note(whose, What::Waiting(ANSWER));
    let deadline = Instant::now() + stage.patience();
    while Instant::now() < deadline {
        let reply = stage.hear(whose, wanted.as_bytes(), POLL_INTERVAL)?;
        if reply != Reply::Silent {
            return stage.judge(reply, whose, wanted.as_bytes(), ANSWER);
        }
        for &other in open.iter().filter(|other| **other != whose) {
            stage.listen(other, PEEK_TIME, |arrived| !arrived.is_empty())?;
            if stage.arrived(other).starts_with(text.as_bytes()) {
                let got = stage.client(other)?.take_arrived(wanted.len());
                stage.note(other, What::Received(got));
                let note = format!(
                    "The message of {whose} stood last on the console. The operator answered it, \
                     and {other} got the answer."
                );
                let mut finding: Finding = stage.finding(other, Code::MixedUp, note);
                finding.evidence = stage.console_tail(6);
                return Err(finding.into());
            }
        }
    }
    Err(stage.silent(whose, wanted.as_bytes(), ANSWER))
}
