//! Exercise 09: all workers serve at once, a bounded queue, and a worker that is never lost.

use std::net::SocketAddr;
use std::time::Duration;

use super::reversing::shows_panic;
use super::{Scene, explained};
use crate::check::finding::{Finding, Halt};
use crate::check::stage::Stage;
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::client::scripted::Heard;
use crate::draw::figures::figure;
use crate::process::interrupt::{self, POLL_INTERVAL};
use crate::threads::{Place, Thread, connections};

const GREETING: &str = "Do you want to play a game?\n";
const FULL: &str = "Server full, try again later.\n";
const ITS_GREETING: &str = "its greeting";
const ITS_REFUSAL: &str = "its refusal";
const ITS_TURN: &str = "its turn in the queue";

/// Two workers, and a queue with one place.
const POOL: &[&str] = &["--workers", "2", "--queue", "1"];

/// How long the first client in the queue is watched: a `read` may have a timeout, which the system does
/// not show.
const QUEUE_TIME: Duration = Duration::from_millis(300);

/// How long any is watched, where it cannot be seen that the server has nothing left to do.
const SHORT_TIME: Duration = Duration::from_millis(150);

/// "At once", for a refusal.
const REFUSAL_TIME: Duration = Duration::from_millis(700);

/// How long a server is left alone whose workers wait with a timeout.
const IDLE_TIME: Duration = Duration::from_millis(1200);

pub const SCENES: [Scene; 5] = [
    Scene::new("as many clients as workers, one in the queue, and more", all_places)
        .with_options(POOL),
    Scene::new("clients that leave in every way", leaving).with_options(POOL),
    Scene::new("handlers that panic, again and again", panics).with_options(POOL),
    Scene::new("a client that leaves while it waits", leaving_the_queue).with_options(POOL),
    // A server that runs already has the options of the others.
    Scene::new("one worker", one_worker)
        .with_options(&["--workers", "1", "--queue", "2"])
        .with_console(),
];

pub const ADVICE: &[(Code, &str)] = &[
    (
        Code::NotRefused,
        "Where threads are started: `--workers` of them, before the loop that accepts, and none for one \
         client. Then the queue: `sync_channel(queue)`, and `try_send`.",
    ),
    (
        Code::LockHeld,
        "The line with `lock()`: until where does its guard live? One that is made in the head of a \
         `while let`, `match` or `if let` lives to the end of its body, and one with a name to the end of \
         its block. Take the client in a statement of its own, and serve it in the next.",
    ),
    (
        Code::Serial,
        "The loop that starts the workers: does it run `--workers` times? And does `main` only hand \
         clients over?",
    ),
    (
        Code::NotClosed,
        "Where the client's stream is dropped: at the end of `serve` or `refuse`. Does something else \
         still own it, such as a list or a clone?",
    ),
    (
        Code::NeverAnswered,
        "Was the client accepted? If not: what does `main` wait for? A worker never ends, so a `join` never \
         returns. If it was: does the worker wait in `recv` for the next client? `try_recv` returns an error \
         at once while there is none, and that ends a `while let`.",
    ),
    (
        Code::NoPanic,
        "The line with `assert!` in `converse`: leave it as it is. It is the bug that your workers must \
         survive.",
    ),
    (
        Code::Spins,
        "The loop of the worker: `recv` waits for the next client; `try_recv` returns at once, again and \
         again. And loops around `read` or `accept`.",
    ),
];

/// A client comes, and a worker that is free greets it.
fn enter(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.connect(who)?;
    stage.expect(who, GREETING, ITS_GREETING)
}

fn answer(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.send(who, format!("yes, says {who}"))?;
    stage.expect_end(who)
}

fn all_places(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter_beside(stage, 'B')?;
    let threads = stage.threads();
    waits_in_queue(stage, 'C', threads, QUEUE_TIME)?;
    has_no_thread(stage, 'C', threads)?;
    refused(stage, 'D', 'C')?;
    refused(stage, 'E', 'C')?;
    // The second worker's client leaves first: each must take from the one queue.
    answer(stage, 'B')?;
    takes_over(stage, 'C', "B answered and left", EVERY_CLIENT, threads)?;
    waits_in_queue(stage, 'F', threads, Duration::ZERO)?;
    answer(stage, 'A')?;
    takes_over(stage, 'F', "A answered and left", EVERY_CLIENT, threads)?;
    answer(stage, 'C')?;
    answer(stage, 'F')?;
    stage.must_be_idle()
}

const NO_TIMEOUT: &str = "How the worker waits for a client: `recv` waits as long as it takes. `recv_timeout` \
                          returns an error when no client comes in time, and the worker must go on then.";

/// A is being served. Another worker must greet this client.
fn enter_beside(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.connect(who)?;
    stage.note(who, What::Waiting(ITS_GREETING));
    let patience = stage.reply_patience();
    match stage.hear(who, GREETING.as_bytes(), patience)? {
        Reply::Silent if stage.arrived(who).is_empty() => {}
        Reply::Wrong if stage.arrived(who) == FULL.as_bytes() => {
            let step = stage.judge(Reply::Wrong, who, GREETING.as_bytes(), ITS_GREETING);
            let note = format!("{who} was refused, with `--workers 2`, while only A was served.");
            return explained(step, &[Code::WrongReply], &note, FREE_WORKER);
        }
        reply => return stage.judge(reply, who, GREETING.as_bytes(), ITS_GREETING),
    }
    let halt = stage.silent(who, GREETING.as_bytes(), ITS_GREETING);
    let mut finding = stage.diagnose(halt)?;
    let Some(workers) = workers(stage) else { return Err(Halt::Found(finding)) };
    if !matches!(finding.code, Code::Serial | Code::LockHeld) {
        return Err(Halt::Found(finding));
    }
    let waited = format!("{who} waited until A had left, with `--workers 2`.");
    if workers.iter().any(|worker| matches!(worker.place, Place::Lock(_))) {
        finding.code = Code::LockHeld;
        finding.note = format!(
            "{waited} One worker served A, and held a lock all the time. The other one waited for \
             that lock."
        );
        finding.look = None;
    } else if workers.len() == 1 {
        finding.code = Code::Serial;
        finding.note = format!("{waited} The server had one worker, and that one served A.");
        finding.look = None;
    } else if workers.is_empty() {
        finding.look = None;
    }
    Err(Halt::Found(finding))
}

const FREE_WORKER: &str = "The call of `try_send`: it fails while the queue is full. A free worker must wait \
                           in `recv`, so that it takes the client out at once.";

/// All workers have a client. This one must neither be greeted nor refused: for `at_least` this long, and
/// until the server has nothing left to do.
fn waits_in_queue(
    stage: &mut Stage<'_>,
    who: char,
    before: Option<usize>,
    at_least: Duration,
) -> Result<(), Halt> {
    stage.connect(who)?;
    stage.note(who, What::Waiting(ITS_TURN));
    let time = stage.time_to_listen(who, SHORT_TIME).max(at_least);
    let heard = stage.listen(who, time, |arrived| !arrived.is_empty())?;
    if heard == Heard::Silence {
        return Ok(());
    }
    let reply = stage.hear(who, GREETING.as_bytes(), stage.patience())?;
    if reply == Reply::Right {
        stage.judge(reply, who, GREETING.as_bytes(), ITS_GREETING)?;
        must_be_connected(stage, who)?;
        let (note, look) = served_too_many(stage, who, before)?;
        return Err(
            Finding { look: Some(look), ..stage.finding(who, Code::NotRefused, note) }.into()
        );
    }
    let step = stage.judge(reply, who, GREETING.as_bytes(), ITS_GREETING);
    let note =
        format!("Every worker had a client, and the queue had a place: {who} should have waited.");
    explained(step, &[Code::WrongReply, Code::ClosedEarly], &note, WAITS)
}

const WAITS: &str = "What happens to a client while all workers are busy: it must go into the queue, \
                     `sync_channel(queue)`. Only one that `try_send` gives back is refused.";

/// `who` was greeted: have the others lost their connections before they answered?
fn must_be_connected(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    for other in stage.connected().into_iter().filter(|other| *other != who) {
        let heard = stage.listen(other, PEEK_TIME, |arrived| !arrived.is_empty())?;
        if matches!(heard, Heard::End(_)) {
            return explained(
                Err(stage.ended(other, "answered", b"")),
                &[Code::ClosedEarly],
                &format!(
                    "{other} was greeted, and had not answered. The server closed its connection."
                ),
                "The `read` for the answer: it waits as long as the client thinks. Is there a timeout?",
            );
        }
    }
    Ok(())
}

/// `who` waits in the queue: that takes no thread.
fn has_no_thread(stage: &mut Stage<'_>, who: char, before: Option<usize>) -> Result<(), Halt> {
    let Some((before, now)) = before.zip(stage.threads()).filter(|(before, now)| now > before)
    else {
        return Ok(());
    };
    let note = format!(
        "{who} waited, and a thread was started for it: the server had {before} threads before {who} came, \
         and {now} then."
    );
    Err(stage.finding(who, Code::TooManyThreads, note).into())
}

/// All workers have a client, and `who` was greeted as well. Is there one worker too many, or no limit?
fn served_too_many(
    stage: &mut Stage<'_>,
    who: char,
    before: Option<usize>,
) -> Result<(String, &'static str), Halt> {
    let now = stage.threads();
    let mut note = format!("Every worker had a client, and {who} was greeted as well.");
    stage.connect('X')?;
    stage.note('X', What::Waiting(ITS_GREETING));
    let patience = stage.reply_patience();
    stage.listen('X', patience, |arrived| !arrived.is_empty())?;
    let got = stage.client('X')?.take_arrived(usize::MAX);
    let is_served = got == GREETING.as_bytes();
    if !got.is_empty() {
        stage.note('X', What::Received(got));
    }
    if !is_served {
        return Ok((note, "The loop that starts the workers: it must run `--workers` times."));
    }
    note += " So was X.";
    if let Some((before, now)) = before.zip(now).filter(|(before, now)| now > before) {
        note += &format!(" The server had {before} threads before {who} came, and {now} then.");
    }
    let look = "Where threads are started: `--workers` of them, before the loop that accepts. A worker \
                serves its client itself, and starts no thread for it.";
    Ok((note, look))
}

/// Workers and queue are taken, the queue by `waiting`: this client must be refused at once.
fn refused(stage: &mut Stage<'_>, who: char, waiting: char) -> Result<(), Halt> {
    stage.connect(who)?;
    stage.note(who, What::Waiting(ITS_REFUSAL));
    let mut reply = stage.hear(who, FULL.as_bytes(), REFUSAL_TIME)?;
    let is_late = reply == Reply::Silent;
    if is_late {
        reply = stage.hear(who, FULL.as_bytes(), stage.patience())?;
    }
    let arrived = stage.arrived(who);
    if is_late && reply == Reply::Right {
        stage.judge(reply, who, FULL.as_bytes(), ITS_REFUSAL)?;
        let note = format!(
            "{who} should have been refused at once, and was refused after {}.",
            figure(stage.waited(who))
        );
        return Err(
            Finding { look: Some(LATE), ..stage.finding(who, Code::NotRefused, note) }.into()
        );
    }
    if reply == Reply::Silent && arrived.is_empty() {
        return Err(not_refused(stage, who, waiting)?.into());
    }
    if arrived == GREETING.as_bytes() {
        stage.judge(Reply::Right, who, GREETING.as_bytes(), ITS_GREETING)?;
        let note =
            format!("{who} was greeted, although every worker had a client and {waiting} waited.");
        return Err(stage.finding(who, Code::NotRefused, note).into());
    }
    let told_nothing = reply == Reply::Ended && arrived.is_empty();
    let step = stage.judge(reply, who, FULL.as_bytes(), ITS_REFUSAL);
    if told_nothing {
        return explained(
            step,
            &[Code::ClosedEarly],
            "The queue was full. The server closed the client's connection and told it nothing.",
            "Where `try_send` gives the client back: hand it to `refuse`, which tells it that the server is full.",
        );
    }
    step?;
    let is_late = stage.listen(who, REFUSAL_TIME, |arrived| !arrived.is_empty())? == Heard::Silence;
    let halt = match stage.expect_end(who) {
        Ok(()) if !is_late => return Ok(()),
        Ok(()) => {
            let note =
                format!("{who} was refused, but the server did not close its connection at once.");
            let finding = stage.finding(who, Code::NotClosed, note);
            return Err(Finding { look: Some(REFUSE_WAITS), ..finding }.into());
        }
        Err(halt) => halt,
    };
    let mut finding = stage.diagnose(halt)?;
    if finding.code == Code::NotClosed && matches!(main_place(stage), Some(Place::Read(_))) {
        finding.note +=
            &format!(" Meanwhile `main` waited in `read` for {who}, and accepted no client.");
        finding.look = Some(REFUSE_WAITS);
    }
    Err(Halt::Found(finding))
}

const REFUSE_WAITS: &str = "`refuse`: `main` calls it, so it must not wait for the client, or sleep. After \
                            `set_nonblocking(true)`, `read` returns at once.";

const LATE: &str = "What `main` does before it refuses a client: it must not sleep, or wait for a place. \
                    `try_send` gives the client back at once.";

/// Workers and queue are taken, and `who` was told nothing. Does it wait in the queue, or does the loop
/// that accepts wait for a place in it?
fn not_refused(stage: &mut Stage<'_>, who: char, waiting: char) -> Result<Finding, Halt> {
    stage.is_dead(who)?;
    stage.nothing_came(who);
    let mut finding = stage.finding(who, Code::NotRefused, "");
    let told = format!(
        "Every worker had a client, and {waiting} was the last that the queue had a place for. {who} \
         was told nothing"
    );
    let main = main_place(stage);
    let address = stage.client(who)?.address();
    let is_pending =
        address.is_some_and(|own| connections::accepted(stage.address(), own) == Some(false));
    (finding.note, finding.look) = match main {
        Some(_) if is_pending => (format!("{told}, and was not accepted."), Some(MAIN_ACCEPTS)),
        Some(Place::Accept) => (format!("{told}, and was kept."), Some(UNBOUNDED)),
        Some(Place::Parked | Place::Waits | Place::Lock(_)) => {
            (format!("{told}: `main` waited for a place in the queue."), Some(BLOCKED))
        }
        Some(Place::Read(_)) => (format!("{told}: `main` waited in `read`."), Some(READS)),
        _ => (format!("{told}."), Some(NOT_TOLD)),
    };
    Ok(finding)
}

const MAIN_ACCEPTS: &str = "The thread that accepts: it must call `accept` all the time, while every worker has a \
                            client. Nothing else may make it wait.";

const UNBOUNDED: &str = "The channel: make one for all workers, with `sync_channel(queue)`, which has `queue` \
                         places. `channel()` or a list takes everything. A channel for each worker has \
                         places for each, and so has a thread for each client that calls `send`.";

const BLOCKED: &str = "The call that hands a client over: `send` waits until there is a place, and `main` must \
                       not wait. `try_send` gives the client back.";

const READS: &str = "What is done with a client that is refused: nothing that waits for it, as a `read` does. \
                     `main` does this, and accepts no client meanwhile.";

const NOT_TOLD: &str = "The channel and the call that hands a client over: `sync_channel(queue)` has a limit, \
                        and `try_send` gives the client back when it is reached.";

const EVERY_CLIENT: &str = "The worker: is there a loop around `recv` and `serve`? A worker that takes one client \
                            and ends is gone.";

const EVERY_END: &str = "What ends the worker's loop: an `unwrap` or `expect` in the handler panics, and a `?`, \
                         `break` or `return` leaves the loop. The worker must go on when a client is lost.";

const PANICS: &str = "Catch the panic where the worker calls `serve` (`std::panic::catch_unwind`), every time, \
                      and go on with the next client. Or let each worker that ends start a new one at once. \
                      A panic ends the thread that it happens in, and that is the worker.";

const COUNT: &str = "The line that counts a client out: it must run after a panic too. Put it behind \
                     `catch_unwind`, or into a `Drop`. A `sync_channel` counts its places itself.";

const ONE_FOR_ONE: &str = "What is done at a panic: a new worker is started only for one that ends. A worker that \
                           goes on does not start another.";

const QUEUE_KEPT: &str = "What is done at a panic: it costs only the client whose handler panicked. Those in the \
                          queue stay there.";

const NOT_AGAIN: &str = "What is done with the client after the panic: drop it, which closes its connection. It is \
                         told nothing, and not served again.";

/// A worker's client has left: that worker must take this one, which waits.
fn takes_over(
    stage: &mut Stage<'_>,
    who: char,
    gone: &str,
    look: &'static str,
    before: Option<usize>,
) -> Result<(), Halt> {
    stage.note(who, What::Waiting(ITS_GREETING));
    let reply = stage.hear(who, GREETING.as_bytes(), stage.patience())?;
    if reply != Reply::Silent || !stage.arrived(who).is_empty() {
        return stage.judge(reply, who, GREETING.as_bytes(), ITS_GREETING);
    }
    stage.is_dead(who)?;
    stage.nothing_came(who);
    if stage.certainty().spins() {
        stage.must_be_idle()?;
    }
    let step = stage.finding(who, Code::WorkerLost, "").step;
    let workers = workers(stage).unwrap_or_default();
    let is_locked = workers.iter().any(|worker| matches!(worker.place, Place::Lock(_)));
    let has_all = before.is_some() && stage.threads() >= before;
    let left = format!("{gone}. After that {who}, in the queue, was not greeted.");
    let (code, note, look) = if let Some(later) = greeted_later(stage, who)? {
        let note = format!("{gone}. {later} came after {who}, and was greeted before it.");
        (Code::LockHeld, note, Some(FIRST_IN))
    } else if is_locked {
        (Code::LockHeld, format!("{left} A worker waited for a lock."), None)
    } else if has_all {
        let note = format!("{left} No worker had ended, and one had no client.");
        (Code::LockHeld, note, Some(ONE_QUEUE))
    } else {
        (Code::WorkerLost, left, Some(look))
    };
    Err(Finding { look, step, ..stage.finding(who, code, note) }.into())
}

const FIRST_IN: &str = "The end of the queue that a worker takes from: the client that has waited longest is the \
                        next. With `push_back`, take it with `pop_front`; `pop` and `pop_back` take the last.";

/// Who came after `who` and has been greeted.
fn greeted_later(stage: &mut Stage<'_>, who: char) -> Result<Option<char>, Halt> {
    for later in stage.connected().into_iter().filter(|later| *later > who) {
        stage.listen(later, PEEK_TIME, |arrived| !arrived.is_empty())?;
        if stage.arrived(later) == GREETING.as_bytes() {
            return Ok(Some(later));
        }
    }
    Ok(None)
}

const ONE_QUEUE: &str = "Where a client waits: in one queue, from which all workers take. In a queue of its own for \
                         each worker, it waits for that worker, although another one is free.";

/// What a client does to leave.
type Leaving = fn(&mut Stage<'_>, char) -> Result<(), Halt>;

/// A stays, and each other client in turn has the second worker.
fn leaving(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter_beside(stage, 'B')?;
    let threads = stage.threads();
    let ways: [(&str, Leaving, &str); 4] = [
        ("answered and left", answer, EVERY_CLIENT),
        (
            "left without an answer",
            |stage, who| {
                stage.close(who);
                Ok(())
            },
            EVERY_END,
        ),
        (
            "ended its input, and went on reading",
            |stage, who| {
                stage.finish_sending(who)?;
                stage.expect_end_of_input(who)
            },
            EVERY_END,
        ),
        (
            "sent bytes that are not UTF-8 and left",
            |stage, who| {
                stage.send(who, b"caf\xe9")?;
                stage.expect_end(who)
            },
            EVERY_END,
        ),
    ];
    for (who, (way, leave, look)) in ('B'..).zip(ways) {
        let address = stage.client(who)?.address();
        leave(stage, who)?;
        let next = char::from_u32(u32::from(who) + 1).unwrap_or('Z');
        comes_next(stage, next, address, &format!("{who} {way}"), look, threads)?;
    }
    // Its greeting stays unread, so that it resets its connection.
    let last = stage.connected().pop().unwrap_or('A');
    answer(stage, last)?;
    stage.connect('P')?;
    let address = stage.client('P')?.address();
    stage.break_off('P', ITS_GREETING)?;
    comes_next(stage, 'Q', address, "P reset its connection", EVERY_END, threads)?;
    answer(stage, 'Q')?;
    answer(stage, 'A')?;
    stage.must_be_idle()
}

/// Both workers panic twice. After that the server has as many places as before.
fn panics(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter_beside(stage, 'B')?;
    let threads = stage.threads();
    waits_in_queue(stage, 'C', threads, Duration::ZERO)?;
    panic(stage, 'B')?;
    explained(
        takes_over(stage, 'C', &how('B'), PANICS, threads),
        &[Code::ClosedEarly],
        "C waited in the queue when B's handler panicked, and the server closed C's connection.",
        QUEUE_KEPT,
    )?;
    for (who, next) in [('C', 'D'), ('A', 'E'), ('E', 'F')] {
        let address = stage.client(who)?.address();
        panic(stage, who)?;
        comes_next(stage, next, address, &how(who), PANICS, threads)?;
    }
    let waits = waits_in_queue(stage, 'G', threads, Duration::ZERO);
    let note = "Handlers had panicked four times. Two clients were served, as at the beginning, and G was \
                greeted as well.";
    explained(waits, &[Code::NotRefused], note, ONE_FOR_ONE)?;
    refused(stage, 'H', 'G')?;
    answer(stage, 'D')?;
    takes_over(stage, 'G', "D answered and left", EVERY_CLIENT, threads)?;
    answer(stage, 'F')?;
    answer(stage, 'G')?;
    stage.must_be_idle()
}

fn how(who: char) -> String {
    format!("{who} sent PANIC, and its handler panicked")
}

/// A client makes its handler panic, and loses its connection.
fn panic(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    let seen = (stage.console_lines(), stage.errors().len());
    stage.send(who, "an answer with the word PANIC")?;
    let note = format!(
        "{who} sent PANIC. The server must close its connection without a word, and sent it something first."
    );
    explained(stage.expect_end(who), &[Code::WrongReply], &note, NOT_AGAIN)?;
    if stage.has_console() && !shows_panic(stage, seen) {
        stage.died(who)?;
        let note = format!("{who} sent an answer with PANIC in it, and no handler panicked.");
        return Err(stage.finding(who, Code::NoPanic, note).into());
    }
    Ok(())
}

/// The client with the address `gone` has left. The next one must be greeted; while the server has not
/// noticed who has left, it may be refused.
fn comes_next(
    stage: &mut Stage<'_>,
    who: char,
    gone: Option<SocketAddr>,
    how: &str,
    look: &'static str,
    before: Option<usize>,
) -> Result<(), Halt> {
    stage.wait_until_closed(gone)?;
    let mut wait = stage.begin_wait(stage.patience());
    let (mut pause, mut is_proved) = (POLL_INTERVAL, false);
    loop {
        stage.connect(who)?;
        stage.note(who, What::Waiting(ITS_GREETING));
        let patience = stage.patience();
        stage.listen(who, patience, |arrived| !arrived.is_empty())?;
        if !stage.arrived(who).starts_with(FULL.as_bytes()) {
            return takes_over(stage, who, how, look, before);
        }
        if is_proved || stage.is_over(&mut wait) {
            let note = format!(
                "{how}. After that {who} was refused, although a worker was free and no client waited."
            );
            stage.judge(Reply::Right, who, FULL.as_bytes(), ITS_GREETING)?;
            return Err(Finding {
                look: Some(COUNT),
                ..stage.finding(who, Code::LeakedPlace, note)
            }
            .into());
        }
        let got = stage.client(who)?.take_arrived(usize::MAX);
        stage.note(who, What::Received(got));
        stage.close(who);
        is_proved = stage.wait_for_nothing(pause);
        pause *= 2;
    }
}

fn leaving_the_queue(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter_beside(stage, 'B')?;
    let threads = stage.threads();
    waits_in_queue(stage, 'C', threads, Duration::ZERO)?;
    let address = stage.client('C')?.address();
    stage.close('C');
    answer(stage, 'B')?;
    comes_next(stage, 'D', address, "C left while it waited, then B answered", EVERY_END, threads)?;
    // If a worker was lost to C, both places can no longer be taken.
    waits_in_queue(stage, 'E', threads, Duration::ZERO)?;
    answer(stage, 'A')?;
    takes_over(stage, 'E', "A answered and left", EVERY_CLIENT, threads)?;
    answer(stage, 'D')?;
    answer(stage, 'E')?;
    stage.must_be_alive()
}

/// The numbers are those of the command line.
fn one_worker(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    let threads = stage.threads();
    waits_in_queue(stage, 'B', threads, Duration::ZERO)?;
    waits_in_queue(stage, 'C', threads, Duration::ZERO)?;
    refused(stage, 'D', 'C')?;
    answer(stage, 'A')?;
    takes_over(stage, 'B', "A answered and left", EVERY_CLIENT, threads)?;
    answer(stage, 'B')?;
    takes_over(stage, 'C', "B answered and left", EVERY_CLIENT, threads)?;
    answer(stage, 'C')?;
    stage.must_be_alive()?;
    if stage.is_idle() {
        return Ok(());
    }
    // A worker that waits with a timeout may give up.
    interrupt::sleep(IDLE_TIME);
    stage.connect('E')?;
    let quiet = format!("No client was connected for {}", figure(IDLE_TIME));
    takes_over(stage, 'E', &quiet, NO_TIMEOUT, threads)?;
    answer(stage, 'E')
}

/// Where `main` stood when a client waited in vain.
fn main_place(stage: &Stage<'_>) -> Option<Place> {
    stage.stood.as_ref()?.threads().next().map(|main| main.place.clone())
}

/// The server's threads without `main`, as they stood when a client waited in vain.
fn workers(stage: &Stage<'_>) -> Option<Vec<Thread>> {
    Some(stage.stood.as_ref()?.threads().skip(1).cloned().collect())
}
