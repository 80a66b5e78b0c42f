//! Exercises 02 and 03: the greeter loses patience, and numbers its players.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socketlab::printable;

use super::crowd::come_at_once;
use super::{Scene, advised, explained, found_to_be};
use crate::check::evidence::headed;
use crate::check::finding::{Finding, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::Reply;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::client::scripted::Heard;
use crate::draw::figures::figure;

const GREETING: &str = "Do you want to play a game?\n";
const TOO_SLOW: &str = "Too slow!\n";

/// How long a client takes that thinks; it is also what a server gets to notice who has left.
const THINKING_TIME: Duration = Duration::from_millis(300);

/// How long a client takes that is in time: longer than a patience that a program has of its own.
const LONG_THINKING_TIME: Duration = Duration::from_millis(1200);

/// The patience of the server whose clients say nothing.
const PATIENCE_TIME: Duration = Duration::from_millis(500);

/// How much earlier a client may be told, by clocks that are not exact.
const CLOCK_ERROR: Duration = Duration::from_millis(50);

const CONSOLE_OR_CLIENT: &str = "`say!` prints on the console; `write_all` writes to the client.";

const TIME_IS_UP: &str = "What `read` returns: `Ok(0)` means that the client has closed; other errors, such as \
                          a reset, mean that it is lost. Only the errors `WouldBlock` (Unix) and `TimedOut` \
                          (Windows) mean that the time is up.";

pub const PATIENCE_ADVICE: &[(Code, &str)] = &[
    (
        Code::ClosedEarly,
        "The `read` whose time is up returns an error (`WouldBlock` on Unix, `TimedOut` on Windows), and \
         a `?` leaves `converse` with it. Catch this error, and write `Too slow!` before you return.",
    ),
    (
        Code::NotClosed,
        "Where `converse` returns, once the answer has been read or the client has been told: does a loop \
         read again? Does something else still own the stream?",
    ),
    (
        Code::Died,
        "Its last lines, above. Is there an `unwrap` on the `read`? When the time is up, `read` returns an \
         error, and a client can reset its connection.",
    ),
    (
        Code::Spins,
        "A loop that asks again and again whether something has arrived: a non-blocking socket returns at \
         once. With `set_read_timeout`, one `read` waits, and the program uses no CPU meanwhile.",
    ),
];

pub const NUMBERS_ADVICE: &[(Code, &str)] = &[
    (
        Code::NotClosed,
        "Where `converse` returns, once the answer has been read: does a loop read again? Does something \
         else still own the stream?",
    ),
    (
        Code::Spins,
        "Loops around `read` or `accept`: one answer is read, once, and `accept` must block.",
    ),
];

pub const PATIENCE: [Scene; 3] = [
    Scene::new("an answer in time", in_time).with_options(&["--patience", "60"]),
    Scene::new("clients that say nothing", too_slow).with_options(&["--patience", "0.5"]),
    Scene::new("clients that leave without an answer", leaving).with_options(&["--patience", "60"]),
];

fn in_time(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.expect('A', GREETING, "its greeting")?;
    // A server that asks again and again is found while a client thinks.
    stage.must_be_idle()?;
    // One that runs already was started with a patience of 1 s.
    let (time, note) = if stage.has_console() {
        let note = "The patience was 60 s. A had been idle for a second or two, and was not left in peace.";
        (LONG_THINKING_TIME, note)
    } else {
        (THINKING_TIME, "A had been idle for less than a second, and was not left in peace.")
    };
    explained(
        stage.think('A', time),
        &[Code::WrongReply, Code::ClosedEarly],
        note,
        "The time that `set_read_timeout` gets: it is the patience that the command line gives, not a \
         time that the program has of its own.",
    )?;
    let step = explained(
        answer(stage, 'A'),
        &[Code::WrongReply],
        "A answered in time. It must be sent nothing more.",
        "The line that writes `Too slow!`: it must run only when the time is up.",
    );
    step?;
    answers(stage, 'B')
}

fn too_slow(stage: &mut Stage<'_>) -> Outcome {
    // Before: A's time begins when it has been greeted.
    let start = Instant::now();
    stage.connect('A')?;
    // On a busy machine the server may have lost its patience before a client has read its greeting.
    stage.expect_part('A', GREETING, "its greeting")?;
    stage.connect('B')?;
    let silent = told(stage, 'A', 'B')?;
    let took = start.elapsed();
    if stage.has_console() && took < PATIENCE_TIME.saturating_sub(CLOCK_ERROR) {
        let note = format!(
            "The patience was {}. A was told that it is too slow after {}.",
            figure(PATIENCE_TIME),
            figure(took)
        );
        let look = "The time that `set_read_timeout` gets: it is the patience as it stands. A `Duration` knows \
                    its own unit.";
        return Err(stage.finding('A', Code::ClosedEarly, note).look(look).into());
    }
    greeted_beside(stage, 'B', 'A', silent)?;
    stage.connect('C')?;
    let _silent = told(stage, 'B', 'C')?;
    let greeting = Instant::now();
    stage.expect_part('C', GREETING, "its greeting")?;
    let answered = stage.send('C', "yes, says C\n");
    // C is greeted when A and B have been waited for, one after the other, and its own time begins then.
    let in_time = if stage.has_console() {
        start.elapsed() < (PATIENCE_TIME * 3).saturating_sub(CLOCK_ERROR)
    } else {
        greeting.elapsed() < PATIENCE_TIME / 2
    };
    if !in_time {
        return Ok(()); // C itself may have been too slow
    }
    answered?;
    stage.expect_end('C')
}

/// What came behind `Too slow!` may have come in one piece with it: then it is the text that is wrong, and the
/// connection is closed.
fn told_too_much(stage: &mut Stage<'_>, slow: char, step: Outcome) -> Outcome<Outcome> {
    let Some(mut finding) = stage.found(step)? else { return Ok(Ok(())) };
    if finding.code == Code::WrongReply
        && matches!(stage.listen(slow, THINKING_TIME, |_| false)?, Heard::End(_))
    {
        finding.note = format!("{slow} was told that it is too slow, and something behind that.");
        finding.look =
            Some("The line that writes `Too slow!`: the text, one newline, and nothing else.");
        return Err(Halt::Found(finding));
    }
    Ok(Err(Halt::Found(finding)))
}

/// The server has closed the connection of `slow`, which neither closes nor speaks; `next` must be greeted
/// all the same.
fn greeted_beside(stage: &mut Stage<'_>, next: char, slow: char, silent: TcpStream) -> Outcome {
    stage.note(next, What::Waiting("its greeting"));
    let reply = stage.hear(next, GREETING.as_bytes(), stage.patience())?;
    if reply == Reply::Silent {
        stage.is_dead(next)?;
        drop(silent);
        if stage.gets(next, GREETING, stage.patience())? {
            let note = format!(
                "{slow} was told that it is too slow, and the server sent the end of its connection. But \
                 {next} was greeted only when {slow} had closed the connection, too: the server waits for a \
                 client that is too slow."
            );
            let look = "What stands behind the line that writes `Too slow!`: a `read` there waits for the client \
                        again. A client that says nothing leaves nothing unread, so the connection can be closed \
                        at once.";
            let mut finding = stage.finding(next, Code::NotClosed, note).look(look);
            finding.is_sure = waits_for_the_slow_again(stage)?;
            return Err(finding.into());
        }
    }
    stage.judge(reply, next, GREETING.as_bytes(), "its greeting")
}

/// B has been greeted, and says nothing. Whether the server waits for it and for one more in the same way: then
/// it is not just slow.
fn waits_for_the_slow_again(stage: &mut Stage<'_>) -> Outcome<bool> {
    for (slow, next) in [('B', 'C'), ('C', 'D')] {
        let silent = stage.stream(slow)?;
        if stage.connect(next).is_err()
            || stage.listen(slow, stage.patience(), |_| false)? == Heard::Silence
        {
            return Ok(false);
        }
        stage.close(slow);
        let is_greeted = |stage: &mut Stage<'_>| {
            let heard = stage.listen(next, THINKING_TIME, |arrived| arrived.contains(&b'\n'));
            heard.map(|heard| heard == Heard::Enough)
        };
        if is_greeted(stage)? {
            return Ok(false);
        }
        drop(silent);
        if !is_greeted(stage)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `slow` says nothing and is told so; `next` waits meanwhile. Returns the connection of `slow`, which the
/// server has closed and the client has not.
fn told(stage: &mut Stage<'_>, slow: char, next: char) -> Outcome<TcpStream> {
    let name = "\"Too slow!\"";
    let silent = stage.stream(slow)?;
    stage.note(slow, What::Waiting(name));
    let reply = stage.hear(slow, TOO_SLOW.as_bytes(), stage.patience())?;
    let has_nothing = stage.arrived(slow).is_empty();
    if reply == Reply::Ended && has_nothing && stage.is_shown("Too slow!", THINKING_TIME) {
        let note = format!(
            "\"Too slow!\" was printed on the server's own console. {slow} was sent nothing, and its \
             connection was closed."
        );
        let step = stage.judge(reply, slow, TOO_SLOW.as_bytes(), name).map(|()| silent);
        return explained(step, &[Code::ClosedEarly], &note, CONSOLE_OR_CLIENT);
    }
    if reply != Reply::Silent || !has_nothing {
        stage.judge(reply, slow, TOO_SLOW.as_bytes(), name)?;
        let step = stage.expect_end(slow);
        if !stage.last_received(slow).starts_with(b"Too slow!") {
            return step.map(|()| silent);
        }
        let step = told_too_much(stage, slow, step)?;
        let step = found_to_be(
            step,
            &[Code::WrongReply],
            Code::NotClosed,
            &format!("{slow} was told more than once, and its connection stays open."),
            "The loop around `read`: once the client has been told, leave it with `break` or `return`.",
        );
        return step.map(|()| silent);
    }
    stage.is_dead(slow)?;
    stage.nothing_came(slow);
    let note = format!("{slow} said nothing, and was never told that it is too slow.");
    let unfinished = stage.finding(slow, Code::IncompleteReply, note);
    // Does the next one wait for it?
    stage.note(next, What::Waiting("its greeting"));
    if stage.hear(next, GREETING.as_bytes(), THINKING_TIME)? != Reply::Silent {
        return Err(unfinished.into());
    }
    let note = format!(
        "{slow} was greeted, said nothing, and was not told that it is too slow. {next} was greeted \
         only when {slow} had left by itself: the server had lost no patience."
    );
    found_to_be(
        Err(stage.silent(next, GREETING.as_bytes(), "its greeting")),
        &[Code::Serial, Code::LockHeld],
        Code::Serial,
        &note,
        "The `read` that waits for the answer: it must give up when the patience that the command line \
         gives is over. `set_read_timeout` says so, before the `read`.",
    )
    .map(|()| silent)
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.expect('A', GREETING, "its greeting")?;
    let start = stage.console_lines();
    stage.close('A');
    answers(stage, 'B')?;
    stage.connect('C')?;
    stage.break_off('C', "its greeting")?;
    answers(stage, 'D')?;
    stage.connect('E')?;
    stage.expect('E', GREETING, "its greeting")?;
    stage.finish_sending('E')?;
    explained(
        stage.expect_end('E'),
        &[Code::WrongReply],
        "E ended its input without an answer, long before the patience was over. It left; it was not too \
         slow.",
        TIME_IS_UP,
    )?;
    stage.must_be_idle()?;
    // What is sent to a client that has reset its connection cannot be seen; what is printed can.
    let is_told = |line: &String| line.to_lowercase().contains("slow");
    if let Some(line) = stage.console_since(start).into_iter().find(is_told) {
        stage.note(CONSOLE, What::Printed(line));
        let note = "The patience was 60 s. Clients closed or reset their connections before it was over, \
                    and the server took one of them for too slow.";
        return Err(stage.finding(CONSOLE, Code::WrongReply, note).look(TIME_IS_UP).into());
    }
    Ok(())
}

fn answers(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    stage.expect(who, GREETING, "its greeting")?;
    answer(stage, who)
}

pub const NUMBERS: [Scene; 3] = [
    Scene::new("players who come while others think", thinking_players),
    Scene::new("players who leave in every way", leaving_players),
    Scene::new("players who come at the same moment", players_at_once),
];

/// How many players come at the same moment, and for how long again and again. A thread that reads the count
/// while another one is about to write it does so within a fraction of a microsecond: many have to come.
const CROWD: usize = 16;
const CROWD_TIME: Duration = Duration::from_millis(250);

/// How long they wait for their lines.
const CROWD_TIMEOUT: Duration = Duration::from_millis(500);

const COUNT_IN_ONE_STEP: &str = "The line that counts: if each thread counts, two threads can read the same value \
                                 before one of them has written the next. Count in the loop that accepts, or in \
                                 one step (`fetch_add`).";

const OWN_COPIES: &str = "What each thread is given: its socket and its number must be copies of its own. If it is \
                          given the address of the loop's variables, it finds the next client's values there.";

const NUMBER: &str = "its number";

const COUNT_ACCEPTED: &str = "The line that counts: it must run once for each client that is accepted, so it \
                              belongs in the loop, behind `accept` and before `spawn`.";

/// The second line of the player with this number.
fn number_line(number: u64) -> String {
    format!("You are player {number}.\n")
}

/// The number that such a line says.
fn number_in(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    line.strip_prefix("You are player ")?.strip_suffix(".\n")?.parse().ok()
}

/// A stays, and thinks, while B and C come.
fn thinking_players(stage: &mut Stage<'_>) -> Outcome {
    let first = first_player(stage)?;
    for (who, number) in ['B', 'C'].into_iter().zip(first + 1..) {
        player(stage, who, number)?;
    }
    // A fixed number of threads is not a thread for each.
    for (who, number) in ('a'..='l').zip(first + 3..) {
        player(stage, who, number)?;
    }
    for who in ['B', 'A', 'C'] {
        answer(stage, who)?;
    }
    stage.must_be_alive()
}

/// A stays. Whether a player answers, leaves or resets its connection, the next one has the next number.
fn leaving_players(stage: &mut Stage<'_>) -> Outcome {
    let first = first_player(stage)?;
    player(stage, 'B', first + 1)?;
    answer(stage, 'B')?;
    player(stage, 'C', first + 2)?;
    stage.close('C');
    // D has a number too, and leaves it unread.
    stage.connect('D')?;
    stage.break_off('D', "its greeting")?;
    // Time for the server to notice who has left.
    stage.think('A', THINKING_TIME)?;
    player(stage, 'E', first + 4)?;
    stage.must_be_idle()
}

/// Many come at the same moment, again and again. Each is greeted, and each has a number of its own. A player
/// that was not greeted in time proves nothing: the server's queue may be short.
fn players_at_once(stage: &mut Stage<'_>) -> Outcome {
    let first = first_player(stage)?;
    answer(stage, 'A')?;
    let what = format!("asked by {CROWD} clients at once, again and again");
    stage.note(CONSOLE, What::Server(what));
    let (start, mut numbers) = (Instant::now(), BTreeSet::from([first]));
    while start.elapsed() < CROWD_TIME {
        let players = come_at_once(stage.address(), CROWD, 2, CROWD_TIMEOUT);
        let players = players.map_err(|error| Halt::Stopped(error.into()))?;
        for got in &players {
            told_alone(stage, got, &mut numbers)?;
        }
        // A server that runs already shows a line or two for each player.
        if players.iter().any(Vec::is_empty) || !stage.has_console() {
            break;
        }
    }
    stage.must_be_alive()
}

/// What one of many players got must be for it alone; `numbers` are those of the players before.
fn told_alone(stage: &mut Stage<'_>, got: &[u8], numbers: &mut BTreeSet<u64>) -> Outcome {
    let line = got.strip_prefix(GREETING.as_bytes());
    let is_unfinished =
        GREETING.as_bytes().starts_with(got) || line.is_some_and(|line| !line.contains(&b'\n'));
    let number = line.and_then(number_in);
    if is_unfinished || number.is_some_and(|number| numbers.insert(number)) {
        return Ok(());
    }
    let at_once = format!("{CROWD} players came at the same moment");
    let finding = match number {
        Some(number) => stage
            .finding(
                CONSOLE,
                Code::WrongReply,
                format!("{at_once}, and two of them are player {number}."),
            )
            .look(COUNT_IN_ONE_STEP),
        None => stage
            .finding(
                CONSOLE,
                Code::WrongReply,
                format!("{at_once}, and the server sent one of them what was for another."),
            )
            .look(OWN_COPIES),
    };
    let lines =
        String::from_utf8_lossy(got).lines().map(|line| printable(line).to_string()).collect();
    Err(Finding { evidence: headed("It got:", lines), ..finding }.into())
}

/// A client answers, and must lose its connection. If it does not, what does the server wait for?
///
/// The answer ends with a newline, because reading a line is the ordinary way in many languages.
fn answer(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, format!("yes, says {who}\n"))?;
    let step = stage.expect_end(who);
    let Some(mut finding) = stage.found(step)? else { return Ok(()) };
    if finding.code != Code::NotClosed {
        return Err(Halt::Found(finding));
    }
    if stage.has_unread(who) {
        finding.note = format!(
            "{who} answered, and the server has not read the answer yet: it does not wait in `read`, but in \
             something else."
        );
        finding.look = Some(
            "What stands before the `read`: a `sleep` always takes its whole time, whatever arrives. \
             With `set_read_timeout`, `read` waits for the answer and for the time, whichever comes first.",
        );
    } else if ends_with_its_input(stage, who)? {
        finding.note = format!(
            "{who} answered, and the server closed the connection only when {who} had ended its input: the \
             server waits for more than the answer."
        );
        finding.look = Some(
            "The call that reads: `read_to_end`, `read_exact` and a loop around `read` wait for more than has \
             arrived. One `read` returns the answer, and so does one `read_line`.",
        );
        finding.is_sure = stage.certainty().ran_out() && waits_for_more_again(stage)?;
    }
    Err(Halt::Found(finding))
}

/// A client ends its input. Whether the server closes the connection then.
fn ends_with_its_input(stage: &mut Stage<'_>, who: char) -> Outcome<bool> {
    Ok(stage.finish_sending(who).is_ok()
        && stage.listen(who, THINKING_TIME, |_| false)? != Heard::Silence)
}

/// Whether two more clients lose their connections only when they have ended their input: then the server is
/// not just slow.
fn waits_for_more_again(stage: &mut Stage<'_>) -> Outcome<bool> {
    for who in ['Y', 'Z'] {
        if stage.connect(who).is_err() {
            return Ok(false);
        }
        stage.listen(who, stage.patience(), |arrived| arrived.contains(&b'\n'))?;
        if stage.send(who, "yes\n").is_err()
            || stage.listen(who, THINKING_TIME, |_| false)? != Heard::Silence
            || !ends_with_its_input(stage, who)?
        {
            return Ok(false);
        }
        stage.close(who);
    }
    Ok(true)
}

/// A is the first one; a server that runs already may have had others before.
fn first_player(stage: &mut Stage<'_>) -> Outcome<u64> {
    greeted(stage, 'A')?;
    let mut number = 1;
    if !stage.has_console() {
        stage.listen('A', stage.patience(), |arrived| arrived.contains(&b'\n'))?;
        number = number_in(&stage.arrived('A')).unwrap_or(1);
    }
    numbered(stage, 'A', number)?;
    Ok(number)
}

/// A client comes and must be told this number.
fn player(stage: &mut Stage<'_>, who: char, number: u64) -> Outcome {
    greeted(stage, who)?;
    numbered(stage, who, number)
}

fn greeted(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    let step = stage.expect_part(who, GREETING, "its greeting");
    waiting_explained(step)
}

fn waiting_explained(step: Outcome) -> Outcome {
    let step = advised(
        step,
        &[Code::Serial],
        "What stands between two calls of `accept`: it must return at once. Is a client served there? Is \
         its thread joined there? Does one thread serve all clients?",
    );
    advised(
        step,
        &[Code::LockHeld],
        "The lock around the count: its guard lives until the game is over. Count in the loop that \
         accepts, and hand the number to the thread: then no lock is needed.",
    )
}

/// A client waits for its number. If it gets another one, why?
fn numbered(stage: &mut Stage<'_>, who: char, number: u64) -> Outcome {
    let step = waiting_explained(stage.expect(who, number_line(number), NUMBER));
    let Some(mut finding) = stage.found(step)? else { return Ok(()) };
    match finding.code {
        Code::WrongReply => {
            let got = stage.last_received(who);
            if let Some(got) = number_in(&got) {
                (finding.note, finding.look) = wrong_number(stage, who, number, got)?;
            } else if got.contains(&b'{') {
                finding.look = Some(
                    "The line that makes the text: only `format!` and its like put a value in the \
                     place of `{…}`. A byte string (`b\"…\"`) is sent as it stands.",
                );
            }
        }
        Code::IncompleteReply if stage.arrived(who).is_empty() => {
            if stage.is_shown("You are player", THINKING_TIME) {
                finding.note = format!(
                    "The line was printed on the server's own console. {who} is waiting for it."
                );
                finding.look = Some(CONSOLE_OR_CLIENT);
                return Err(Halt::Found(finding));
            }
            // Does the number wait for the answer?
            stage.send(who, format!("yes, says {who}\n"))?;
            if stage.gets(who, &number_line(number), stage.patience())? {
                finding.note = format!(
                    "{who} got its number only after it had answered. It must get it right after \
                     the greeting, while it thinks."
                );
                finding.look =
                    Some("The line that writes the number: it belongs before the `read`.");
            }
        }
        _ => {}
    }
    Err(Halt::Found(finding))
}

/// Why `who` got the number `got` instead of `number`, and where to look.
fn wrong_number(
    stage: &mut Stage<'_>,
    who: char,
    number: u64,
    got: u64,
) -> Outcome<(String, Option<&'static str>)> {
    if got > number {
        let note = format!(
            "{who} was accepted as number {number}, and was told that it is player {got}: the count \
             is too high."
        );
        return Ok((note, Some(COUNT_ACCEPTED)));
    }
    if got == 0 && number == 1 {
        let note =
            format!("{who} is the first client that was accepted, so it is player 1, not 0.");
        let look = "Where the count begins and where it goes up: 1 must be added before the number \
                    is handed to the thread. (`fetch_add` returns the value from before.)";
        return Ok((note, Some(look)));
    }
    // Do all have this number, or does it depend on the clients that are connected?
    greeted(stage, 'X')?;
    let next = number_of(stage, 'X')?;
    if next == Some(got) && stage.connected().contains(&'A') {
        answer(stage, 'A')?;
        greeted(stage, 'Y')?;
        let last = number_of(stage, 'Y')?;
        if last == Some(got) {
            let note = format!(
                "{who}, X and Y are all player {got}: no count is kept from one client to the next."
            );
            let look = "The variable that counts: is it counted up inside the `move` closure, or in \
                        `serve`? There it is the thread's own copy, and the loop's variable stays \
                        as it is. Or is its `let` inside the loop? Then it is made anew for each \
                        client.";
            return Ok((note, Some(look)));
        }
        let note = format!(
            "{who} and X were player {got}. When A had answered, the next one had another number: \
             the count waits for an answer."
        );
        return Ok((note, Some(COUNT_ACCEPTED)));
    }
    let note = format!(
        "{who} was accepted as number {number}, and was told that it is player {got}, as an earlier \
         client was. Each client has a number of its own, whether others have left or not."
    );
    Ok((note, Some(COUNT_ACCEPTED)))
}

/// The number that a client is told, whatever it is.
fn number_of(stage: &mut Stage<'_>, who: char) -> Outcome<Option<u64>> {
    stage.note(who, What::Waiting(NUMBER));
    stage.listen(who, stage.patience(), |arrived| arrived.contains(&b'\n'))?;
    Ok(number_in(&stage.take(who)?))
}
