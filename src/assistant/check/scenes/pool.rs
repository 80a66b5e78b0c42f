//! Exercise 09: all workers serve at once, a bounded queue, and a worker that is never lost.

use std::time::Duration;

use super::places::{Entry, FULL, REFUSAL, Way, close, end_input, kept_by_the_refused, leaves};
use super::reversing::{
    RECORD_TIMEOUT, is_shown_as_always, kinds_of_lines, shown_so_far, shows_failure,
};
use super::{Scene, explained};
use crate::check::finding::{Finding, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::stage::silence::Stood;
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::client::scripted::Heard;
use crate::draw::figures::figure;
use crate::process::interrupt;
use crate::threads::{Place, Thread};

const GREETING: &str = "Do you want to play a game?\n";
const ITS_GREETING: &str = "its greeting";
const ITS_TURN: &str = "its turn in the queue";

/// The client that answers before handlers panic.
const CALM: char = 'Z';

const POOL: Entry = Entry { speaks: false, reply: GREETING, name: ITS_GREETING };

/// Two workers, and a queue with one place.
const TWO: &[&str] = &["--workers", "2", "--queue", "1"];

/// How long a client thinks: a `read` may have a timeout, which the system does not show.
const THINKING_TIME: Duration = Duration::from_millis(300);

/// How long a client in the queue is watched, where it cannot be seen that the server has nothing left to do.
const QUEUE_TIME: Duration = Duration::from_millis(150);

/// "At once", for a refusal.
const REFUSAL_TIME: Duration = Duration::from_millis(700);

/// How long a server is left alone whose workers wait with a timeout.
const IDLE_TIME: Duration = Duration::from_millis(1200);

pub const SCENES: [Scene; 5] = [
    Scene::new("as many clients as workers, one in the queue, and more", all_places)
        .with_options(TWO),
    Scene::new("clients that leave in every way", leaving).with_options(TWO),
    Scene::new("handlers that panic, again and again", panics).with_options(TWO),
    Scene::new("a client that leaves while it waits", leaving_the_queue).with_options(TWO),
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

fn answer(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, says(who))?;
    stage.expect_end(who)
}

fn says(who: char) -> String {
    format!("yes, says {who}")
}

/// A and B have the two workers.
fn enter_both(stage: &mut Stage<'_>) -> Outcome {
    POOL.enter(stage, 'A')?;
    enter_beside(stage, 'B')
}

fn all_places(stage: &mut Stage<'_>) -> Outcome {
    enter_both(stage)?;
    let look =
        "The `read` for the answer: it waits as long as the client thinks. Is there a timeout?";
    explained(
        stage.think('A', THINKING_TIME),
        &[Code::ClosedEarly],
        "A was greeted, and had not answered. The server closed its connection.",
        look,
    )?;
    let threads = stage.threads();
    waits_in_queue(stage, 'C')?;
    if let Some(growth) = growth(stage, 'C', threads) {
        let note = format!("C waited, and a thread was started for it: the server had {growth}");
        return Err(stage.finding('C', Code::TooManyThreads, note).into());
    }
    // D says nothing, and does not close its end.
    refused_and_stays(stage, 'D', 'C', None)?;
    refused_and_stays(stage, 'E', 'C', Some('D'))?;
    // The second worker's client leaves first: each must take from the one queue.
    makes_room(stage, 'B', ANSWERED, 'C')?;
    waits_in_queue(stage, 'F')?;
    makes_room(stage, 'A', ANSWERED, 'F')?;
    answer(stage, 'C')?;
    answer(stage, 'F')?;
    stage.must_be_idle()
}

/// A is being served. Another worker must greet this client.
fn enter_beside(stage: &mut Stage<'_>, who: char) -> Outcome {
    let entered = POOL.enter(stage, who);
    let Some(mut finding) = stage.found(entered)? else { return Ok(()) };
    let waited = format!("{who} waited until A had left, with `--workers 2`.");
    let workers = workers(stage);
    match finding.code {
        Code::WrongReply if stage.last_received(who) == FULL.as_bytes() => {
            finding.note =
                format!("{who} was refused, with `--workers 2`, while only A was served.");
            finding.look = Some(
                "The call of `try_send`: it fails while the queue is full. A free worker must wait in \
                 `recv`, so that it takes the client out at once.",
            );
        }
        Code::Serial | Code::LockHeld => {
            finding.look = None;
            if workers.iter().any(waits_for_lock) {
                finding.code = Code::LockHeld;
                finding.note = format!(
                    "{waited} One worker served A, and held a lock all the time. The other one waited for \
                     that lock."
                );
            } else if workers.len() == 1 {
                finding.code = Code::Serial;
                finding.note =
                    format!("{waited} The server had one worker, and that one served A.");
            }
        }
        _ => {}
    }
    Err(Halt::Found(finding))
}

/// All workers have a client. This one must neither be greeted nor refused, until the server has nothing left
/// to do.
fn waits_in_queue(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    stage.note(who, What::Waiting(ITS_TURN));
    let time = stage.time_to_listen(who, QUEUE_TIME);
    let heard = stage.listen(who, time, |arrived| !arrived.is_empty())?;
    if heard == Heard::Silence {
        return Ok(());
    }
    let reply = stage.hear(who, GREETING.as_bytes(), stage.patience())?;
    let step = stage.judge(reply, who, GREETING.as_bytes(), ITS_GREETING);
    if step.is_ok() {
        return Err(served_too_many(stage, who)?.into());
    }
    let note =
        format!("Every worker had a client, and the queue had a place: {who} should have waited.");
    let look = "What happens to a client while all workers are busy: it must go into the queue, \
                `sync_channel(queue)`. Only one that `try_send` gives back is refused.";
    explained(step, &[Code::WrongReply, Code::ClosedEarly], &note, look)
}

/// How many threads the server had before `who` came, and how many it has now, if those are more.
fn growth(stage: &mut Stage<'_>, who: char, before: Option<usize>) -> Option<String> {
    let (before, now) = before.zip(stage.threads()).filter(|(before, now)| now > before)?;
    Some(format!("{before} threads before {who} came, and {now} then."))
}

/// All workers have a client, and `who` was greeted as well. Is there one worker too many, or no limit?
fn served_too_many(stage: &mut Stage<'_>, who: char) -> Outcome<Finding> {
    let note = format!("Every worker had a client, and {who} was greeted as well.");
    let mut finding = stage.finding(who, Code::NotRefused, note);
    let threads = stage.threads();
    POOL.try_to_enter(stage, 'X')?;
    if stage.take('X')? != GREETING.as_bytes() {
        return Ok(finding.look("The loop that starts the workers: it must run `--workers` times."));
    }
    finding.note += " So was X.";
    if let Some(growth) = growth(stage, 'X', threads) {
        finding.note += &format!(" The server had {growth}");
    }
    Ok(finding.look(
        "Where threads are started: `--workers` of them, before the loop that accepts. A worker serves \
         its client itself, and starts no thread for it.",
    ))
}

/// Workers and queue are taken, the queue by `waiting`: this client must be refused at once. Then it leaves.
fn refused(stage: &mut Stage<'_>, who: char, waiting: char) -> Outcome {
    refused_and_stays(stage, who, waiting, None)?;
    stage.close(who);
    Ok(())
}

/// The same, and it stays. `beside` was refused before, and has stayed.
fn refused_and_stays(
    stage: &mut Stage<'_>,
    who: char,
    waiting: char,
    beside: Option<char>,
) -> Outcome {
    let look = "Where `try_send` gives the client back: hand it to `refuse`, which tells it that the server is full.";
    if !POOL.is_refused(stage, who, REFUSAL_TIME, look)? {
        return Err(not_refused(stage, who, waiting, beside)?.into());
    }
    stage.note(who, What::WaitingForEnd);
    let heard = stage.listen(who, REFUSAL_TIME, |arrived| !arrived.is_empty())?;
    let Err(halt) = stage.judge_end_and_stay(who, heard) else { return Ok(()) };
    let mut finding = stage.diagnose(halt)?;
    if finding.code == Code::NotClosed {
        let reads = matches!(main_place(stage), Some(Place::Read(_)));
        if reads {
            finding.note +=
                &format!(" Meanwhile `main` waited in `read` for {who}, and accepted no client.");
        }
        // Closed after all, but late?
        if reads || stage.listen(who, stage.patience(), |_| false)? != Heard::Silence {
            finding.look = Some(
                "`refuse`: `main` calls it, so it must not wait for the client, or sleep. After \
                 `set_nonblocking(true)`, `read` returns at once.",
            );
        }
    }
    Err(Halt::Found(finding))
}

/// Workers and queue are taken, and `who` was greeted, or told nothing at first. Is it refused late? Does it
/// wait in the queue, or does the loop that accepts wait for a place in it?
fn not_refused(
    stage: &mut Stage<'_>,
    who: char,
    waiting: char,
    beside: Option<char>,
) -> Outcome<Finding> {
    let found = |stage: &Stage<'_>, note| stage.finding(who, Code::NotRefused, note);
    if stage.gets(who, GREETING, Duration::ZERO)? {
        let note =
            format!("{who} was greeted, although every worker had a client and {waiting} waited.");
        return Ok(found(stage, note));
    }
    let reply = stage.hear(who, FULL.as_bytes(), stage.patience())?;
    if reply != Reply::Silent || !stage.arrived(who).is_empty() {
        stage.judge(reply, who, FULL.as_bytes(), REFUSAL)?;
        let waited = figure(stage.waited(who));
        let note =
            format!("{who} should have been refused at once, and was refused after {waited}.");
        return Ok(found(stage, note).look(
            "What `main` does before it refuses a client: it must not sleep, or wait for a place. \
             `try_send` gives the client back at once.",
        ));
    }
    stage.is_dead(who)?;
    stage.nothing_came(who);
    if let Some(stays) = beside {
        if let Some(finding) = kept_by_the_refused(stage, who, stays)? {
            return Ok(finding);
        }
    }
    let told = format!(
        "Every worker had a client, and {waiting} was the last that the queue had a place for. {who} \
         was told nothing"
    );
    let is_pending = stage.stood.as_ref().is_some_and(Stood::is_pending);
    let (rest, look) = match main_place(stage) {
        Some(_) if is_pending => (", and was not accepted.", MAIN_ACCEPTS),
        Some(Place::Accept) => (", and was kept.", UNBOUNDED),
        Some(Place::Parked | Place::Waits | Place::Lock(_)) => {
            (": `main` waited for a place in the queue.", BLOCKED)
        }
        Some(Place::Read(_)) => (": `main` waited in `read`.", READS),
        _ => (".", NOT_TOLD),
    };
    Ok(found(stage, told + rest).look(look))
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

/// A client leaves in this way, and its worker must take `next`, which waits in the queue, or comes only then.
/// While the server has not noticed who has left, that one may be refused.
fn makes_room(stage: &mut Stage<'_>, who: char, way: Way, next: char) -> Outcome {
    let (before, waits) = (stage.threads(), stage.connected().contains(&next));
    let gone = leaves(stage, who, way)?;
    if !waits && !POOL.comes_in(stage, next)? {
        let note = format!(
            "{gone}. After that {next} was refused, although a worker was free and no client waited."
        );
        let look = "The line that counts a client out: it must run after a panic too. Put it behind \
                    `catch_unwind`, or into a `Drop`. A `sync_channel` counts its places itself.";
        return Err(stage.finding(next, Code::LeakedPlace, note).look(look).into());
    }
    stage.note(next, What::Waiting(ITS_GREETING));
    let reply = stage.hear(next, GREETING.as_bytes(), stage.patience())?;
    if reply != Reply::Silent || !stage.arrived(next).is_empty() {
        return stage.judge(reply, next, GREETING.as_bytes(), ITS_GREETING);
    }
    stage.is_dead(next)?;
    stage.nothing_came(next);
    if stage.certainty().spins() {
        stage.must_be_idle()?;
    }
    let left = format!("{gone}. After that {next}, in the queue, was not greeted.");
    // The threads of some runtimes are not its workers.
    let says = stage.stood.as_ref().is_none_or(Stood::says_anything);
    let has_all = says && before.is_some() && stage.threads() >= before;
    let (code, note, look) = if let Some(later) = greeted_later(stage, next)? {
        let note = format!("{gone}. {later} came after {next}, and was greeted before it.");
        (Code::LockHeld, note, Some(FIRST_IN))
    } else if workers(stage).iter().any(waits_for_lock) {
        (Code::LockHeld, format!("{left} A worker waited for a lock."), None)
    } else if has_all {
        let note = format!("{left} No worker had ended, and one had no client.");
        (Code::LockHeld, note, Some(ONE_QUEUE))
    } else {
        (Code::WorkerLost, left, Some(way.2))
    };
    Err(Finding { look, ..stage.finding(next, code, note) }.into())
}

const NO_TIMEOUT: &str = "How the worker waits for a client: `recv` waits as long as it takes. `recv_timeout` \
                          returns an error when no client comes in time, and the worker must go on then.";

const FIRST_IN: &str = "The end of the queue that a worker takes from: the client that has waited longest is the \
                        next. With `push_back`, take it with `pop_front`; `pop` and `pop_back` take the last.";

/// Who came after `who` and has been greeted.
fn greeted_later(stage: &mut Stage<'_>, who: char) -> Outcome<Option<char>> {
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

const ANSWERED: Way = ("answered and left", answer, EVERY_CLIENT);
const RESET: Way = ("reset its connection", reset, EVERY_END);
const PANIC: Way = ("sent PANIC, and its handler panicked", panic, PANICS);
const IDLE: Way = ("answered, and no client came for a while", leave_alone, NO_TIMEOUT);
const LEFT_THE_QUEUE: Way = ("left while it waited, then B answered", leave_the_queue, EVERY_END);
const WAYS: [Way; 4] = [
    ANSWERED,
    ("left without an answer", close, EVERY_END),
    ("ended its input, and went on reading", end_input, EVERY_END),
    ("sent bytes that are not UTF-8 and left", strange_answer, EVERY_END),
];

fn strange_answer(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, b"caf\xe9")?;
    stage.expect_end(who)
}

fn leave_the_queue(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.close(who);
    answer(stage, 'B')
}

fn reset(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.break_off(who, ITS_GREETING)
}

/// A stays, and each other client in turn has the second worker.
fn leaving(stage: &mut Stage<'_>) -> Outcome {
    enter_both(stage)?;
    for ((who, next), way) in ('B'..).zip('C'..).zip(WAYS) {
        makes_room(stage, who, way, next)?;
    }
    answer(stage, 'F')?;
    // Its greeting stays unread, so that it can reset its connection.
    stage.connect('P')?;
    makes_room(stage, 'P', RESET, 'Q')?;
    answer(stage, 'Q')?;
    answer(stage, 'A')?;
    stage.must_be_idle()
}

/// Both workers panic twice. After that the server has as many places as before.
fn panics(stage: &mut Stage<'_>) -> Outcome {
    // The console shows how an answer is printed.
    POOL.enter(stage, CALM)?;
    answer(stage, CALM)?;
    if stage.has_console() {
        stage.is_shown(&says(CALM), RECORD_TIMEOUT);
    }
    enter_both(stage)?;
    waits_in_queue(stage, 'C')?;
    explained(
        makes_room(stage, 'B', PANIC, 'C'),
        &[Code::ClosedEarly],
        "C waited in the queue when B's handler panicked, and the server closed C's connection.",
        "What is done at a panic: it costs only the client whose handler panicked. Those in the queue stay there.",
    )?;
    for (who, next) in [('C', 'D'), ('A', 'E'), ('E', 'F')] {
        makes_room(stage, who, PANIC, next)?;
    }
    let waits = waits_in_queue(stage, 'G');
    let note = "Handlers had panicked four times. Two clients were served, as at the beginning, and G was \
                greeted as well.";
    let look = "What is done at a panic: a new worker is started only for one that ends. A worker that goes \
                on does not start another.";
    explained(waits, &[Code::NotRefused], note, look)?;
    refused(stage, 'H', 'G')?;
    makes_room(stage, 'D', ANSWERED, 'G')?;
    answer(stage, 'F')?;
    answer(stage, 'G')?;
    stage.must_be_idle()
}

/// A client makes its handler panic, and loses its connection.
fn panic(stage: &mut Stage<'_>, who: char) -> Outcome {
    let before = shown_so_far(stage);
    let usual = kind_of_an_answer(stage);
    stage.send(who, "an answer with the word PANIC")?;
    let note = format!(
        "{who} sent PANIC. The server must close its connection without a word, and sent it something first."
    );
    let look = "What is done with the client after the panic: drop it, which closes its connection. It is told \
                nothing, and not served again.";
    explained(stage.expect_end(who), &[Code::WrongReply], &note, look)?;
    // In Rust a panic is always shown. In other languages, where answers are not printed, nothing tells one from the
    // end of a game.
    let as_always = usual.is_some_and(|usual| is_shown_as_always(stage, before, &usual));
    if as_always || (stage.is_built_here() && !shows_failure(stage, before)) {
        stage.died(who)?;
        let how = if as_always { " It was printed like any other." } else { "" };
        let note = format!("{who} sent an answer with PANIC in it.{how} No handler panicked.");
        return Err(stage.finding(who, Code::NoPanic, note).into());
    }
    Ok(())
}

/// The kind of the line in which the answer of [`CALM`] was printed.
fn kind_of_an_answer(stage: &mut Stage<'_>) -> Option<String> {
    let place = stage.console_since(0).iter().position(|line| line.contains(&says(CALM)))?;
    kinds_of_lines(stage).into_iter().nth(place)
}

fn leaving_the_queue(stage: &mut Stage<'_>) -> Outcome {
    enter_both(stage)?;
    waits_in_queue(stage, 'C')?;
    makes_room(stage, 'C', LEFT_THE_QUEUE, 'D')?;
    // If a worker was lost to C, both places can no longer be taken.
    waits_in_queue(stage, 'E')?;
    makes_room(stage, 'A', ANSWERED, 'E')?;
    answer(stage, 'D')?;
    answer(stage, 'E')?;
    stage.must_be_alive()
}

/// The numbers are those of the command line.
fn one_worker(stage: &mut Stage<'_>) -> Outcome {
    POOL.enter(stage, 'A')?;
    waits_in_queue(stage, 'B')?;
    waits_in_queue(stage, 'C')?;
    refused(stage, 'D', 'C')?;
    makes_room(stage, 'A', ANSWERED, 'B')?;
    makes_room(stage, 'B', ANSWERED, 'C')?;
    makes_room(stage, 'C', IDLE, 'E')?;
    answer(stage, 'E')?;
    stage.must_be_alive()
}

/// A client leaves, and where workers may wait with a timeout, the server is left alone for a while.
fn leave_alone(stage: &mut Stage<'_>, who: char) -> Outcome {
    answer(stage, who)?;
    if !stage.is_idle() {
        interrupt::sleep(IDLE_TIME);
    }
    Ok(())
}

/// Where `main` stood when a client waited in vain.
fn main_place(stage: &Stage<'_>) -> Option<Place> {
    stage.stood.as_ref()?.threads().next().map(|main| main.place.clone())
}

/// The server's threads without `main`, as they stood when a client waited in vain.
fn workers(stage: &Stage<'_>) -> Vec<Thread> {
    stage.stood.iter().flat_map(|stood| stood.threads().skip(1)).cloned().collect()
}

fn waits_for_lock(thread: &Thread) -> bool {
    matches!(thread.place, Place::Lock(_))
}
