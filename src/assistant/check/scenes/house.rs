//! Exercise 08: at most so many conversations at once, and a place that always becomes free again.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::places::{Entry, FULL, REFUSAL, Way, close, end_input, kept_by_the_refused, leaves};
use super::{Scene, explained, found_to_be};
use crate::check::finding::{Finding, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::stage::moves::{PEEK_TIME, Reply};
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::process::interrupt;

const REPLY: &str = "its \"-\"";
const HOUSE: Entry = Entry { speaks: true, reply: "-", name: REPLY };
const TWO: &[&str] = &["--max", "2"];
const MAX: usize = 2;

/// How long the end of the process may take, once what it waited for has come.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

/// How many clients come at one moment, which must fit into a short backlog, and how often, and for how long at the
/// most.
const CROWD: usize = 6;
const ROUNDS: usize = 20;
const CROWD_TIME: Duration = Duration::from_millis(300);

pub const SCENES: [Scene; 6] = [
    Scene::new("more clients than places", more_than_places).with_options(TWO),
    Scene::new("another number of places", three_places).with_options(&["--max", "3"]),
    Scene::new("many clients at one moment", many_at_once).with_options(TWO),
    Scene::new("a place becomes free again", free_again).with_options(TWO),
    Scene::new("Ctrl-C while a client is idle", ctrl_c).with_options(TWO).with_console(),
    Scene::new("Ctrl-C while the house is full", ctrl_c_when_full).with_options(TWO).with_console(),
];

fn speak(stage: &mut Stage<'_>, who: char, message: &str) -> Outcome {
    stage.send(who, message)?;
    stage.expect(who, "-", REPLY)
}

fn more_than_places(stage: &mut Stage<'_>) -> Outcome {
    enter_a_free_place(stage, 'A')?;
    enter_a_free_place(stage, 'B')?;
    // C says nothing, and does not close its end.
    refused_and_stays(stage, 'C', None)?;
    refused_and_stays(stage, 'D', Some('C'))?;
    speak(stage, 'A', "hello from A")?;
    speak(stage, 'B', "B does not say --quit-- yet")?;
    stage.must_be_alive()
}

/// A client comes while fewer are there than may be.
fn enter_a_free_place(stage: &mut Stage<'_>, who: char) -> Outcome {
    let note = format!("{who} was told something else than a `-`, although a place was free.");
    let look = "The limit: it is the number that `--max` gives, and not one of the program's own. A client that is \
                served takes one place, and the client that comes next is compared with all places taken: `>=`.";
    explained(HOUSE.enter(stage, who), &[Code::WrongReply], &note, look)
}

fn three_places(stage: &mut Stage<'_>) -> Outcome {
    for who in ['A', 'B', 'C'] {
        enter_a_free_place(stage, who)?;
    }
    refused_and_stays(stage, 'D', None)?;
    speak(stage, 'A', "hello from A")?;
    stage.must_be_alive()
}

/// Clients come at one moment, again and again: no more of them may get in than there are places. All stay until
/// each has been told something.
fn many_at_once(stage: &mut Stage<'_>) -> Outcome {
    HOUSE.enter(stage, 'A')?;
    leaves(stage, 'A', WAYS[0])?;
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS && start.elapsed() < CROWD_TIME && !interrupt::requested() {
        let served = served_at_once(stage);
        if served.len() > MAX {
            stage.note(CONSOLE, What::Server(format!("connected to by {CROWD} clients at once")));
            let note = format!(
                "{CROWD} clients came at one moment, with `--max {MAX}`, and {} of them were served.",
                served.len()
            );
            return Err(stage.finding(CONSOLE, Code::NotRefused, note).look(ONE_STEP).into());
        }
        // Otherwise those of the last round had not left for the server.
        rounds += usize::from(served.len() == MAX);
        let own = served.iter().map(TcpStream::local_addr).filter_map(Result::ok);
        let own: Vec<_> = own.collect();
        drop(served);
        for own in own {
            stage.wait_until_closed(Some(own))?;
        }
        interrupt::sleep(PEEK_TIME);
    }
    stage.must_be_alive()
}

const ONE_STEP: &str = "Where a client is counted: to look at the count and to count up must be one step. Do both \
                        in the loop that accepts, before the thread is started: until a thread counts, the \
                        loop has let the next client in. If threads count, use `fetch_update`, or one lock for \
                        both.";

/// Clients connect at one moment and speak; returns those that are served.
fn served_at_once(stage: &Stage<'_>) -> Vec<TcpStream> {
    let connect = |_| TcpStream::connect_timeout(&stage.address(), stage.patience()).ok();
    let mut clients: Vec<_> = (0..CROWD).filter_map(connect).collect();
    // Who has been refused may be closed already.
    clients.iter_mut().for_each(|client| drop(client.write_all(b"hello")));
    let is_served = |client: &mut TcpStream| {
        let mut first = [0];
        let _ = client.set_read_timeout(Some(CROWD_TIME));
        client.read_exact(&mut first).is_ok() && first == *b"-"
    };
    let served: Vec<bool> = clients.iter_mut().map(is_served).collect();
    let both = clients.into_iter().zip(served);
    both.filter_map(|(client, is_served)| is_served.then_some(client)).collect()
}

/// Comes and must be told that the house is full, and leaves.
fn refused(stage: &mut Stage<'_>, who: char) -> Outcome {
    refused_and_stays(stage, who, None)?;
    stage.close(who);
    Ok(())
}

/// Comes and must be told that the house is full. If it is not, why not? `beside` has been told so, and stays.
fn refused_and_stays(stage: &mut Stage<'_>, who: char, beside: Option<char>) -> Outcome {
    let look = "Where the client is turned away: write the sentence before its stream is dropped.";
    if HOUSE.is_refused(stage, who, stage.reply_patience(), look)? {
        return let_go(stage, who);
    }
    stage.is_dead(who)?;
    stage.nothing_came(who);
    if let Some(stays) = beside {
        if let Some(finding) = kept_by_the_refused(stage, who, stays)? {
            return Err(finding.into());
        }
    }
    let finding = stage.finding(who, Code::NotRefused, "");
    // Is it served? Then it sits on a place that there is not.
    stage.send(who, format!("hello from {who}"))?;
    stage.note(who, What::Waiting(REPLY));
    stage.listen(who, stage.reply_patience(), |arrived| !arrived.is_empty())?;
    if stage.gets(who, FULL, Duration::ZERO)? {
        let note = format!(
            "{who} was told that the server is full only when it had sent a message. Until then the \
             server waited for it."
        );
        let look = "What is done with a client that is turned away: nothing that waits for it, as a `read` \
                    does. In the loop of `main` that keeps all others waiting.";
        return Err(Finding { note, ..finding }.look(look).into());
    }
    if stage.gets(who, "-", Duration::ZERO)? {
        let note = format!("{who} was the third client, with `--max 2`, and was served.");
        return Err(served_too_many(stage, Finding { note, ..finding })?.into());
    }
    let note = format!(
        "{who} was neither served nor refused until another client had left: the limit makes clients \
         wait instead of turning them away."
    );
    found_to_be(
        Err(stage.silent(who, FULL.as_bytes(), REFUSAL)),
        &[Code::Serial, Code::LockHeld],
        Code::NotRefused,
        &note,
        Code::NotRefused.verdict().look,
    )
}

/// All places were taken, and a client was served. Is the limit one too high, or is there none?
fn served_too_many(stage: &mut Stage<'_>, mut finding: Finding) -> Outcome<Finding> {
    HOUSE.try_to_enter(stage, 'X')?;
    let got = stage.take('X')?;
    if got.starts_with(FULL.as_bytes()) {
        finding.note += " X, the fourth, was turned away.";
        finding.look =
            Some("The line that compares the count with the limit: with `>=`, not with `>`.");
    } else if got == b"-" {
        finding.note += " So was X, the fourth: the count never reaches the limit.";
        finding.look = Some(
            "The line that counts up: is there one, and does it run for each client before the limit is \
             looked at? A number that is counted in a `move` closure is the thread's own copy: the one \
             in `main` stays as it is. All threads must count the same one: a `static` atomic, or an \
             `Arc` of one. And does the count fall too early? A guard that stays in the loop of `main`, \
             or is bound with `let _ =`, is dropped at once.",
        );
    }
    Ok(finding)
}

/// A client that was refused must be let go. If it is not, is it served?
fn let_go(stage: &mut Stage<'_>, who: char) -> Outcome {
    let Err(halt) = stage.expect_end_and_stay(who) else { return Ok(()) };
    let kept = stage.diagnose(halt)?;
    if kept.code == Code::NotClosed {
        stage.send(who, format!("hello from {who}"))?;
        stage.note(who, What::Waiting(REPLY));
        if stage.gets(who, "-", stage.patience())? {
            let note = format!("{who} was told that the server is full, and served all the same.");
            return Err(stage.finding(who, Code::NotRefused, note).into());
        }
    }
    Err(Halt::Found(kept))
}

const EVERY_WAY_OUT: &str = "Every way out of the handler: `return`, `?`, a panic. What stands at the end of a \
                             function runs on none of them. What stands in the `drop` of a value that the \
                             handler owns runs on all of them.";

const NEVER_FALLS: &str = "The line that counts down: is there one, and does it change the same number that \
                           `main` compares? A number that a `move` closure takes along is the thread's own \
                           copy: counting that down changes nothing in `main`. Is the value that counts down \
                           in its `drop` owned by the handler, and not kept by `main`? If you compare the \
                           length of a list: remove what has ended first.";

const NOT_FOR_THE_REFUSED: &str = "The client that is turned away: its place must not be counted, or counted down \
                                   again before it is told.";

const WAYS: [Way; 6] = [
    ("said --quit--", quit, NEVER_FALLS),
    (
        "said --quit--, after another client had been turned away",
        quit_after_refusal,
        NOT_FOR_THE_REFUSED,
    ),
    ("closed without --quit--", close, EVERY_WAY_OUT),
    ("ended its input, and went on reading", end_input, EVERY_WAY_OUT),
    ("reset its connection", reset, EVERY_WAY_OUT),
    ("sent PANIC, and its handler panicked", panic, EVERY_WAY_OUT),
];

fn free_again(stage: &mut Stage<'_>) -> Outcome {
    HOUSE.enter(stage, 'A')?;
    HOUSE.enter(stage, 'B')?;
    let mut before = "No place has been given back yet.";
    for ((who, next), way) in ('B'..).zip('C'..).zip(WAYS) {
        let gone = leaves(stage, who, way)?;
        comes_in(stage, next, &gone, before, way.2)?;
        before = "The clients that left in other ways before gave their places back.";
    }
    refused(stage, 'Z')?;
    speak(stage, 'A', "hello from A")?;
    stage.close('A');
    stage.must_be_idle()
}

fn quit(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, "--quit--")?;
    stage.expect_end(who)
}

fn quit_after_refusal(stage: &mut Stage<'_>, who: char) -> Outcome {
    refused(stage, 'Y')?;
    quit(stage, who)
}

fn reset(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, "the reply stays unread")?;
    stage.break_off(who, REPLY)
}

/// A client sends the word that makes its handler panic.
fn panic(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, "a message with the word PANIC")?;
    found_to_be(
        stage.expect_end(who),
        &[Code::WrongReply],
        Code::NoPanic,
        "A message with the word PANIC must make its handler panic, as it does in the starter. This one \
         was answered.",
        "The line with `assert!` in `converse`: leave it as it is. It is the bug that your server must \
         survive.",
    )
}

/// Another client is `gone`, so there is a place for this one.
fn comes_in(
    stage: &mut Stage<'_>,
    who: char,
    gone: &str,
    before: &str,
    look: &'static str,
) -> Outcome {
    let lost = |stage: &Stage<'_>, how: &str| {
        let note = format!("{gone}. After that {who} was {how}. {before}");
        stage.finding(who, Code::LeakedPlace, note).look(look)
    };
    if !HOUSE.comes_in(stage, who)? {
        return Err(lost(stage, "turned away again and again").into());
    }
    let reply = stage.hear(who, b"-", Duration::ZERO)?;
    if reply == Reply::Silent && stage.connected().len() > 1 {
        // A limit that makes clients wait shows a lost place by silence.
        let finding = lost(stage, "not served");
        stage.died(who)?;
        stage.close('A');
        if stage.hear(who, b"-", stage.patience())? == Reply::Right {
            return Err(finding.into());
        }
    }
    stage.judge(reply, who, b"-", REPLY)
}

fn ctrl_c(stage: &mut Stage<'_>) -> Outcome {
    HOUSE.enter(stage, 'A')?;
    stops(stage)
}

fn ctrl_c_when_full(stage: &mut Stage<'_>) -> Outcome {
    HOUSE.enter(stage, 'A')?;
    HOUSE.enter(stage, 'B')?;
    refused(stage, 'C')?;
    stops(stage)
}

/// Ctrl-C must end the server. If it does not, what does it wait for?
fn stops(stage: &mut Stage<'_>) -> Outcome {
    let step = stage.interrupt(stage.patience());
    let Some(mut finding) = stage.found(step)? else { return Ok(()) };
    if finding.code != Code::NoCleanExit || stage.ends_within(Duration::ZERO) {
        return Err(Halt::Found(finding));
    }
    if ends_at_knock(stage) {
        finding.note += " It ended when the checker connected once more: until then it was waiting in \
                         `accept`.";
        finding.look = Some(
            "What wakes `accept` at Ctrl-C: the flag alone does not, because a blocked `accept` does \
             not look at it. Set the flag, then connect to the server's own address.",
        );
        return Err(Halt::Found(finding));
    }
    for who in stage.connected() {
        stage.close(who);
        if stage.ends_soon(EXIT_TIMEOUT) {
            finding.note += &format!(
                " It ended when {who} had closed its connection: until then it was waiting for the \
                 thread that serves {who}, and that thread was waiting for a message."
            );
            finding.look = Some(
                "What wakes the threads that wait in `read`, before they are joined: \
                 `shutdown(Shutdown::Read)` on each of their sockets, so that `read` returns 0.",
            );
            break;
        }
        if ends_at_knock(stage) {
            finding.note += &format!(
                " It ended when {who} had left and the checker had connected once more: a full house \
                 turned away the connection that must wake `accept`."
            );
            finding.look = Some(
                "The order behind `accept`: look at the flag first, and for a free place after that.",
            );
            break;
        }
    }
    Err(Halt::Found(finding))
}

/// Connects and closes, as a handler for Ctrl-C does. Returns whether the server ends.
fn ends_at_knock(stage: &mut Stage<'_>) -> bool {
    stage.note(CONSOLE, What::Server("connected to, once more".to_owned()));
    drop(TcpStream::connect_timeout(&stage.address(), EXIT_TIMEOUT));
    stage.ends_soon(EXIT_TIMEOUT)
}
