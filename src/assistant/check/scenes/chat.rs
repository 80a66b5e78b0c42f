//! Exercises 04 and 06: a chat of clients with the server's operator, whom the checker plays.

use std::collections::HashMap;
use std::time::Duration;

use super::crowd::{all_at_once, beside_one_that_does_not_read};
use super::torn::without_numbers;
use super::{Scene, advised};
use crate::check::evidence::headed;
use crate::check::finding::{Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::silence::{Obstacle, Stood};
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::process::interrupt::{self, POLL_INTERVAL};
use crate::process::program::escaped;

/// How many words an answer has that A does not read: some of them are more than the system's buffers take,
/// which is some megabytes.
const LONG_ANSWER: usize = 4_000;

const ANSWER: &str = "its answer";

/// How long it is waited for a line that must not be shown, where it cannot be seen that the server has nothing
/// left to do.
const EARLY_TIME: Duration = Duration::from_millis(150);

/// Who speaks at once, how often in all, and for how long at the most. Where turns can be mixed up, one in
/// a few hundred is; it takes a fraction of a millisecond.
const CROWD: [char; 4] = ['A', 'B', 'C', 'D'];
const MANY_TURNS: usize = 20_000;
const CROWD_TIMEOUT: Duration = Duration::from_secs(2);

/// How many answers the operator types ahead, which must fit into a pipe.
const AHEAD: usize = 300;

/// How many lines of the console are shown.
const SHOWN: usize = 8;

const ALONE: Scene = Scene::new("one client and the operator, in turn", alone).with_console();

const SIDE_BY_SIDE: Scene =
    Scene::new("a second client while the first is silent", side_by_side).with_console();

const LEAVING: Scene =
    Scene::new("clients that leave, with and without a bye", leaving).with_console();

const END_OF_INPUT: Scene = Scene::new("the operator's input ends", end_of_input).with_console();

pub const THREADED: [Scene; 5] = [
    ALONE,
    SIDE_BY_SIDE,
    Scene::new("clients that come while the operator thinks", slow_operator).with_console(),
    LEAVING,
    END_OF_INPUT,
];

pub const THREADED_ADVICE: &[(Code, &str)] = &[
    (
        Code::LockHeld,
        "What the threads share: one of them holds it until its client leaves. This exercise needs \
         nothing that they share, so it needs no lock.",
    ),
    (
        Code::MixedUp,
        "The stream that the answer is written to: it is the one from which the thread read the message.",
    ),
    (
        Code::Died,
        "Its last lines, above. What happens when one chat is lost: an `unwrap`, a `?` that leads out of \
         `main`, a `process::exit`? Only this client's thread may end.",
    ),
];

pub const TURNS: [Scene; 8] = [
    ALONE,
    SIDE_BY_SIDE,
    Scene::new("two clients speak before the operator has answered", both_at_once).with_console(),
    Scene::new("clients that come and leave while the operator thinks", slow_turn).with_console(),
    Scene::new("a client that reads no answer", beside_one_without_answers).with_console(),
    Scene::new("many turns of four clients at once", many_turns).with_console(),
    LEAVING,
    END_OF_INPUT,
];

/// A line of the client and the operator's answer.
fn turn(stage: &mut Stage<'_>, who: char, number: u32) -> Outcome {
    let message = format!("question {number} of {who}");
    let errors = stage.errors().len();
    stage.send(who, format!("{message}\n"))?;
    answer(stage, who, &message, errors, &format!("answer {number} for {who}"))
}

/// The operator answers a message of `who`, once it is shown, and a prompt behind it. Before it was sent, there
/// were so many bytes on standard error.
fn answer(stage: &mut Stage<'_>, who: char, message: &str, errors: usize, answer: &str) -> Outcome {
    let shown = stage.is_shown(message, stage.reply_patience());
    if !shown {
        stage.is_dead(who)?;
    }
    // With several clients, what stands behind it may belong to another one.
    if shown && stage.connected() == [who] && !stage.is_prompted(message, errors, stage.patience())
    {
        stage.is_dead(who)?;
        let note = format!(
            "The line of {who} was shown, and no prompt behind it: the operator does not know that an \
             answer is due."
        );
        return Err(stage.finding(who, Code::NotShown, note).look(FLUSH).into());
    }
    let mut unseen = stage.finding(who, Code::NotShown, format!("The line of {who} is missing."));
    stage.type_line(answer)?;
    stage.expect(who, format!("{answer}\n"), ANSWER)?;
    if shown {
        return Ok(());
    }
    if stage.is_shown(message, stage.reply_patience()) {
        stage.nothing_is_proved();
        unseen.note = format!("The line of {who} was shown only when the operator had answered.");
        unseen = unseen.look(FLUSH);
    }
    Err(unseen.into())
}

const FLUSH: &str = "How the line and the prompt are printed: what has no newline behind it waits in the buffer \
                     of standard output. Call `flush` before you read the operator's line.";

fn alone(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    turn(stage, 'A', 2)?;
    let errors = stage.errors().len();
    stage.send('A', "one more\n")?;
    answer(stage, 'A', "one more", errors, "bye")?;
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

/// The operator has not answered A yet. Clients that come meanwhile must be accepted.
fn slow_operator(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    let answer = open_turn(stage)?;
    are_accepted(stage)?;
    stage.must_be_idle()?;
    answer(stage)?;
    stage.must_be_alive()
}

/// The operator has not answered A yet. Meanwhile clients come, B speaks, and C says `bye`.
fn slow_turn(stage: &mut Stage<'_>) -> Outcome {
    for who in ['A', 'B', 'C'] {
        stage.connect(who)?;
        turn(stage, who, 1)?;
    }
    let answer_a = open_turn(stage)?;
    let start = stage.console_lines();
    let prompt = stage.console_since(start).concat();
    stage.send('B', "B waits for its turn\n")?;
    stage.send('C', "bye\n")?;
    are_accepted(stage)?;
    let look = "The call that waits for the lock: `lock` sleeps until the lock is free. `try_lock` returns at \
                once, and in a loop it keeps a processor busy.";
    advised(stage.must_be_idle(), &[Code::Spins], look)?;
    must_wait_with_its_bye(stage, start, &prompt)?;
    answer_a(stage)?;
    answer(stage, 'B', "B waits for its turn", 0, "answer 2 for B")?;
    stage.expect_end('C')?;
    stage.must_be_alive()
}

const OPEN: &str = "A waits for an answer";

/// A's line is shown, and the operator does not answer it yet. Returns how that is done later.
fn open_turn(stage: &mut Stage<'_>) -> Outcome<fn(&mut Stage<'_>) -> Outcome> {
    let errors = stage.errors().len();
    stage.send('A', format!("{OPEN}\n"))?;
    if !stage.is_shown(OPEN, stage.patience()) {
        return Err(stage.silent('A', b"", ANSWER));
    }
    stage.is_prompted(OPEN, errors, stage.patience());
    Ok(|stage| {
        stage.type_line("at last")?;
        stage.expect('A', "at last\n", ANSWER)
    })
}

/// Two clients come while the operator thinks. The loop that accepts may wait for the operator only when
/// it reports the first of them.
fn are_accepted(stage: &mut Stage<'_>) -> Outcome {
    for who in ['D', 'E'] {
        stage.connect(who)?;
        if !stage.stays_pending(who)? {
            continue;
        }
        stage.is_dead(who)?;
        stage.nothing_came(who);
        let (code, why, look) = match stage.stood.as_ref().and_then(Stood::obstacle) {
            Some(Obstacle::Locked) => (Code::LockHeld, " `main` waited for a lock.", MAIN_LOCKS),
            _ => (Code::Serial, "", MAIN_ASKS),
        };
        let note = format!(
            "A's line was shown, and the operator had not answered it yet. Meanwhile the server did not \
             accept {who}.{why}"
        );
        return Err(stage.finding(who, code, note).look(look).into());
    }
    Ok(())
}

const MAIN_LOCKS: &str = "What `main` does between two calls of `accept`: does it take the lock of the turns, to \
                          report a client? And which lock is that: while a thread holds the one of standard \
                          output (`stdout().lock()`), no other thread can print.";

const MAIN_ASKS: &str = "The thread that accepts: it must not wait for the operator's line, and neither may it \
                         wait for a thread that does.";

/// A's turn is not over, and C has said `bye`. That is a line of C's: it must not be shown before the answer to A.
fn must_wait_with_its_bye(stage: &mut Stage<'_>, start: usize, prompt: &str) -> Outcome {
    let time = stage.time_to_listen('C', EARLY_TIME);
    interrupt::sleep(time);
    let shape = |line: &str, message: &str| without_numbers(&line.replace(message, "…"));
    let all = stage.console_since(0);
    let Some(wanted) = all.iter().find(|line| line.contains(OPEN)) else { return Ok(()) };
    let wanted = shape(wanted, OPEN);
    // No terminal has put a newline behind the prompt.
    let forms = [wanted.clone(), without_numbers(prompt) + &wanted];
    let shown = stage.console_since(start);
    if !shown.iter().any(|line| forms.contains(&shape(line, "bye"))) {
        return Ok(());
    }
    let note = "A's line was shown, and the operator had not answered it yet. Then C said `bye`, and that was \
                shown before the answer to A.";
    let mut finding = stage.finding('C', Code::TornRecord, note);
    finding.evidence = stage.console_tail(SHOWN);
    let look = "Where a client's `bye` is shown: it is a line of that client's, so it waits for its turn, too. \
                Take the lock before you print it.";
    Err(finding.look(look).into())
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    turn(stage, 'A', 1)?;
    stage.send('A', "bye\n")?;
    stage.expect_end('A')?;
    stage.connect('B')?;
    stage.close('B');
    stage.connect('C')?;
    stage.send('C', "C reads no answer\n")?;
    if !stage.is_shown("C reads no answer", stage.patience()) {
        return Err(stage.silent('C', b"", ANSWER));
    }
    stage.type_line("unread")?;
    stage.break_off('C', ANSWER)?;
    stage.connect('D')?;
    turn(stage, 'D', 1)?;
    stage.close('D');
    stage.must_be_idle()
}

/// The end of the operator's input is a `bye` to each client that asks.
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
/// reason for the question of B not to be shown.
fn beside_one_without_answers(stage: &mut Stage<'_>) -> Outcome {
    stage.connect_deaf('A')?;
    turn(stage, 'A', 1)?;
    let stands = |stage: &mut Stage<'_>| {
        stage.keep_typing(&"a long answer, ".repeat(LONG_ANSWER));
        let question = format!("{}\n", "one question more, ".repeat(50));
        Ok(stage.stop_reading('A', question.as_bytes())? && !stage.has_typed_all())
    };
    beside_one_that_does_not_read(stage, stands, |stage, who| {
        let message = format!("question 1 of {who}");
        stage.send(who, format!("{message}\n"))?;
        stage.note(who, What::Waiting(ANSWER));
        if stage.is_shown(&message, stage.reply_patience()) {
            return Ok(());
        }
        Err(stage.silent(who, b"", ANSWER))
    })
}

/// Both speak; the operator answers the client whose message stands above the prompt.
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
            if let Err(halt) = stage.expect(whose, format!("{text}\n"), ANSWER) {
                let mut finding = stage.diagnose(halt)?;
                if finding.code == Code::MixedUp {
                    let other = if whose == first { second } else { first };
                    finding.note = format!(
                        "The message of {whose} stood last on the console. The operator answered it, and \
                         {other} got the answer."
                    );
                    finding.evidence = stage.console_tail(6);
                }
                return Err(Halt::Found(finding));
            }
            open.retain(|who| *who != whose);
        }
    }
    stage.must_be_alive()
}

/// All clients speak again and again, and the operator types the answers in advance: in whole turns, the
/// message that is shown first gets the first answer, and so on. Where another client's message can come
/// between, sooner or later one does. A message that is not answered in time proves nothing here.
fn many_turns(stage: &mut Stage<'_>) -> Outcome {
    for who in CROWD {
        stage.connect(who)?;
        turn(stage, who, 1)?;
    }
    let start = stage.console_lines();
    stage.note(CONSOLE, What::Server("asked by all clients at once, again and again".to_owned()));
    let mut typed = 0;
    let message = |who, number| (format!("{MESSAGE}{who}{number};\n"), answer_number(0).len());
    let turns =
        all_at_once(stage, &CROWD, MANY_TURNS, CROWD_TIMEOUT, message, |stage, answered| {
            while typed < answered + AHEAD {
                typed += 1;
                stage.type_quietly(answer_number(typed).trim_end())?;
            }
            Ok(())
        })?;
    // An answer may arrive before the lines that were printed earlier.
    let mut wait = stage.begin_wait(stage.patience());
    let (lines, shown) = loop {
        let lines = stage.console_since(start);
        let shown: Vec<String> = lines.iter().filter_map(|line| message_in(line)).collect();
        if shown.len() >= turns.len() || stage.is_over(&mut wait) || interrupt::requested() {
            break (lines, shown);
        }
        interrupt::sleep(POLL_INTERVAL);
    };
    let answers: HashMap<_, _> = turns.into_iter().collect();
    let number = |message: &str| -> Option<usize> {
        let answer = answers.get(&format!("{message};\n"))?;
        std::str::from_utf8(answer).ok()?.trim_end().strip_prefix("answer ")?.parse().ok()
    };
    for (place, message) in (1..).zip(&shown) {
        let Some(got) = number(message) else { continue };
        if got == place {
            continue;
        }
        let whose = message.chars().nth(MESSAGE.len()).unwrap_or(CONSOLE);
        stage.note(whose, What::Received(answer_number(got).into_bytes()));
        let note = format!(
            "{} clients spoke at once, again and again. This message of {whose} was shown as number \
             {place}, and {whose} got answer {got}: another client's line came between the message and \
             its answer.",
            CROWD.len()
        );
        let mut finding = stage.finding(whose, Code::MixedUp, note);
        let at = lines.iter().position(|line| line.contains(message)).unwrap_or_default();
        let near = lines.iter().skip(at.saturating_sub(SHOWN / 2)).take(SHOWN);
        let near = near.map(|line| escaped(line)).collect();
        finding.evidence = headed("On the server's console:", near);
        return Err(finding.into());
    }
    stage.must_be_alive()
}

/// What each message begins with; its client's letter follows.
const MESSAGE: &str = "turn ";

/// The message in a line of the console.
fn message_in(line: &str) -> Option<String> {
    let begin = line.find(MESSAGE)?;
    let length = line[begin..].find(';')?;
    Some(line[begin..begin + length].to_owned())
}

/// Answers have one length, so that a client knows when it has one.
fn answer_number(number: usize) -> String {
    format!("answer {number:05}\n")
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
