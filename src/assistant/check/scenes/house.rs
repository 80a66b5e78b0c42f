//! Exercise 08: at most so many conversations at once, and a place that always becomes free again.

use std::net::TcpStream;
use std::time::Duration;

use super::{Scene, explained, found_to_be};
use crate::check::finding::{Finding, Halt, Lack, Missed};
use crate::check::stage::Stage;
use crate::check::stage::moves::Reply;
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::client::scripted::Heard;
use crate::process::interrupt::POLL_INTERVAL;

const FULL: &str = "Server full, try again later.\n";
const REPLY: &str = "its \"-\"";
const REFUSAL: &str = "its refusal";
const TWO: &[&str] = &["--max", "2"];

/// How long the pause between two visits is once it is worth looking whether the server is busy.
const BUSY_PAUSE: Duration = Duration::from_millis(150);

/// How long the end of the process may take, once what it waited for has come.
const EXIT_TIMEOUT: Duration = Duration::from_secs(1);

pub const SCENES: [Scene; 4] = [
    Scene::new("more clients than places", more_than_places).with_options(TWO),
    Scene::new("a place becomes free again", free_again).with_options(TWO),
    Scene::new("Ctrl-C while a client is idle", ctrl_c).with_options(TWO).with_console(),
    Scene::new("Ctrl-C while the house is full", ctrl_c_when_full).with_options(TWO).with_console(),
];

/// Comes and is answered.
fn enter(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.connect(who)?;
    speak(stage, who)
}

fn speak(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.send(who, format!("hello from {who}"))?;
    stage.expect(who, "-", REPLY)
}

fn more_than_places(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter(stage, 'B')?;
    refused(stage, 'C')?;
    refused(stage, 'D')?;
    speak(stage, 'A')?;
    stage.send('B', "B does not say --quit-- yet")?;
    stage.expect('B', "-", REPLY)?;
    stage.must_be_alive()
}

/// Comes and must be told that the house is full. If it is not, why not?
fn refused(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.connect(who)?;
    stage.note(who, What::Waiting(REFUSAL));
    let reply = stage.hear(who, FULL.as_bytes(), stage.reply_patience())?;
    if reply != Reply::Silent || !stage.arrived(who).is_empty() {
        let told_nothing = reply == Reply::Ended && stage.arrived(who).is_empty();
        let step = stage.judge(reply, who, FULL.as_bytes(), REFUSAL);
        if told_nothing {
            return explained(
                step,
                &[Code::ClosedEarly],
                "The server was full. It closed the client's connection and told it nothing.",
                "Where the client is turned away: write the sentence before its stream is dropped.",
            );
        }
        step?;
        return let_go(stage, who);
    }
    stage.is_dead(who)?;
    stage.nothing_came(who);
    let finding = stage.finding(who, Code::NotRefused, "");
    // Is it served? Then it sits on a place that there is not.
    stage.send(who, format!("hello from {who}"))?;
    stage.note(who, What::Waiting(REPLY));
    let patience = stage.reply_patience();
    stage.listen(who, patience, |arrived| !arrived.is_empty())?;
    if stage.arrived(who).starts_with(FULL.as_bytes()) {
        stage.judge(Reply::Right, who, FULL.as_bytes(), REFUSAL)?;
        let note = format!(
            "{who} was told that the server is full only when it had sent a message. Until then the \
             server waited for it."
        );
        let look = Some(
            "What is done with a client that is turned away: nothing that waits for it, as a `read` \
             does. In the loop of `main` that keeps all others waiting.",
        );
        return Err(Finding { note, look, ..finding }.into());
    }
    if stage.hear(who, b"-", Duration::ZERO)? == Reply::Right {
        stage.judge(Reply::Right, who, b"-", REPLY)?;
        let (note, look) = served_too_many(stage, who)?;
        return Err(Finding { note, look, ..finding }.into());
    }
    for other in stage.connected() {
        if other == who {
            continue;
        }
        stage.close(other);
        if stage.hear(who, b"-", stage.patience())? == Reply::Right {
            stage.judge(Reply::Right, who, b"-", REPLY)?;
            let note = format!(
                "{who} was neither served nor refused; it was served when {other} had left: the \
                 limit makes clients wait instead of turning them away."
            );
            return Err(Finding { note, ..finding }.into());
        }
    }
    Err(stage.silent(who, FULL.as_bytes(), REFUSAL))
}

/// All places were taken, and `who` was served. Is the limit one too high, or is there none?
fn served_too_many(
    stage: &mut Stage<'_>,
    who: char,
) -> Result<(String, Option<&'static str>), Halt> {
    let served = format!("{who} was the third client, with `--max 2`, and was served.");
    stage.connect('X')?;
    let sent = stage.client('X')?.try_send(b"hello from X");
    stage.note('X', What::Waiting(REPLY));
    let patience = stage.reply_patience();
    stage.listen('X', patience, |arrived| !arrived.is_empty())?;
    let got = stage.client('X')?.take_arrived(usize::MAX);
    let (was_served, was_refused) = (got == b"-", got.starts_with(FULL.as_bytes()));
    stage.note('X', What::Received(got));
    drop(sent);
    Ok(if was_refused {
        let note = format!("{served} X, the fourth, was turned away.");
        (note, Some("The line that compares the count with the limit: with `>=`, not with `>`."))
    } else if was_served {
        let note = format!("{served} So was X, the fourth: the count never reaches the limit.");
        let look = "The line that counts up: is there one, and does it run for each client before the limit is looked \
                    at? A number that is counted in a `move` closure is the thread's own copy: the \
                    one in `main` stays as it is. All threads must count the same one: a `static` \
                    atomic, or an `Arc` of one. And does the count fall too early? A guard that stays \
                    in the loop of `main`, or is bound with `let _ =`, is dropped at once.";
        (note, Some(look))
    } else {
        (served, None)
    })
}

/// A client that was refused must be let go. If it is not, is it served?
fn let_go(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    let Err(halt) = stage.expect_end(who) else { return Ok(()) };
    let kept = stage.diagnose(halt)?;
    if kept.code != Code::NotClosed {
        return Err(Halt::Found(kept));
    }
    stage.send(who, format!("hello from {who}"))?;
    stage.note(who, What::Waiting(REPLY));
    if stage.hear(who, b"-", stage.patience())? != Reply::Right {
        return Err(Halt::Found(kept));
    }
    stage.judge(Reply::Right, who, b"-", REPLY)?;
    let note = format!("{who} was told that the server is full, and served all the same.");
    Err(stage.finding(who, Code::NotRefused, note).into())
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

/// What a client does to leave.
type Leaving = fn(&mut Stage<'_>, char) -> Result<(), Halt>;

fn free_again(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    let ways: [(&str, Leaving, &str); 6] = [
        ("said --quit--", quit, NEVER_FALLS),
        (
            "said --quit--, after another client had been turned away",
            |stage, who| {
                refused(stage, 'Y')?;
                quit(stage, who)
            },
            NOT_FOR_THE_REFUSED,
        ),
        (
            "closed without --quit--",
            |stage, who| {
                stage.close(who);
                Ok(())
            },
            EVERY_WAY_OUT,
        ),
        (
            "ended its input, and went on reading",
            |stage, who| {
                stage.finish_sending(who)?;
                stage.expect_end_of_input(who)
            },
            EVERY_WAY_OUT,
        ),
        (
            "reset its connection",
            |stage, who| {
                stage.send(who, "the reply stays unread")?;
                stage.break_off(who, REPLY)
            },
            EVERY_WAY_OUT,
        ),
        ("sent PANIC, and its handler panicked", panic, EVERY_WAY_OUT),
    ];
    enter(stage, 'B')?;
    for (who, (way, leave, look)) in ('B'..).zip(ways) {
        let address = stage.client(who)?.address();
        leave(stage, who)?;
        stage.wait_until_closed(address)?;
        let next = char::from_u32(u32::from(who) + 1).unwrap_or('Z');
        comes_in(stage, next, &format!("{who} {way}"), look)?;
    }
    refused(stage, 'Z')?;
    speak(stage, 'A')?;
    stage.close('A');
    stage.must_be_idle()
}

/// A client sends the word that makes its handler panic.
fn panic(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
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

fn quit(stage: &mut Stage<'_>, who: char) -> Result<(), Halt> {
    stage.send(who, "--quit--")?;
    stage.expect_end(who)
}

/// Tries again and again, because a server cannot know at once who has left.
fn comes_in(stage: &mut Stage<'_>, who: char, gone: &str, look: &'static str) -> Result<(), Halt> {
    let before = if look == NEVER_FALLS {
        " No place has been given back yet."
    } else {
        " The clients that left in other ways before gave their places back."
    };
    let mut wait = stage.begin_wait(stage.patience());
    let (mut pause, mut has_looked, mut is_proved) = (POLL_INTERVAL, false, false);
    loop {
        stage.connect(who)?;
        // It may be refused and closed before it can speak.
        let sent = stage.client(who)?.try_send(format!("hello from {who}").as_bytes());
        stage.note(who, What::Waiting(REPLY));
        let patience = stage.patience();
        let heard = stage.listen(who, patience, |arrived| !arrived.is_empty())?;
        let arrived = stage.arrived(who);
        let refused = arrived.starts_with(b"Server full") || matches!(heard, Heard::End(_));
        if !refused {
            let reply = stage.hear(who, b"-", Duration::ZERO)?;
            let silent = reply == Reply::Silent;
            if silent && stage.connected().len() > 1 {
                // A limit that makes clients wait shows a lost place by silence.
                let note = format!("{gone}. After that {who} was not served.{before}");
                let finding =
                    Finding { look: Some(look), ..stage.finding(who, Code::LeakedPlace, note) };
                stage.died(who)?;
                stage.close('A');
                if stage.hear(who, b"-", patience)? == Reply::Right {
                    return Err(finding.into());
                }
            }
            stage.judge(reply, who, b"-", REPLY)?;
            return Ok(());
        }
        drop(sent);
        if !has_looked && pause > BUSY_PAUSE {
            // A thread that never ends never gives its place back.
            has_looked = true;
            if let Some(busy) = stage.busy() {
                return Err(Missed::new(who, Lack::Rest(busy)).into());
            }
        }
        if is_proved || stage.has_run_out(&mut wait) {
            stage.died(who)?;
            let note = format!("{gone}. After that {who} was turned away again and again.{before}");
            let finding = stage.finding(who, Code::LeakedPlace, note);
            return Err(Finding { look: Some(look), ..finding }.into());
        }
        let got = stage.client(who)?.take_arrived(usize::MAX);
        stage.note(who, What::Received(got));
        stage.close(who);
        is_proved = stage.wait_for_nothing(pause);
        pause *= 2;
    }
}

fn ctrl_c(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    stops(stage)
}

fn ctrl_c_when_full(stage: &mut Stage<'_>) -> Result<(), Halt> {
    enter(stage, 'A')?;
    enter(stage, 'B')?;
    refused(stage, 'C')?;
    stops(stage)
}

/// Ctrl-C must end the server. If it does not, what does it wait for?
fn stops(stage: &mut Stage<'_>) -> Result<(), Halt> {
    let step = stage.interrupt(stage.patience());
    let Err(halt) = step else { return Ok(()) };
    let mut finding = stage.diagnose(halt)?;
    if finding.code != Code::NoCleanExit || stage.ends_within(Duration::ZERO) {
        return Err(Halt::Found(finding));
    }
    knock(stage);
    if stage.ends_soon(EXIT_TIMEOUT) {
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
        knock(stage);
        if stage.ends_soon(EXIT_TIMEOUT) {
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

/// Connects and closes, as a handler for Ctrl-C does.
fn knock(stage: &mut Stage<'_>) {
    stage.note(CONSOLE, What::Server("connected to, once more".to_owned()));
    drop(TcpStream::connect_timeout(&stage.address(), EXIT_TIMEOUT));
}
