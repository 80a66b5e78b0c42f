//! Exercise 05: at most so many conversations at once, and a place that always becomes free again.

use std::time::{Duration, Instant};

use super::{Scene, Way};
use crate::assistant::check::stage::{Finding, Halt, Outcome, Reply, Stage};
use crate::assistant::check::verdicts::Code;
use crate::assistant::interrupt::{self, POLL_INTERVAL};
use crate::assistant::record::What;
use crate::assistant::scripted_client::Heard;

const FULL: &str = "Server full, try again later.\n";
const REPLY: &str = "its \"-\"";
const REFUSAL: &str = "its refusal";
const TWO: &[&str] = &["--max", "2"];

/// How long the server's end may take after Ctrl-C.
const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

pub const SCENES: [Scene; 3] = [
    Scene {
        title: "more clients than places",
        options: TWO,
        needs_console: false,
        play: more_than_places,
    },
    Scene {
        title: "a place becomes free again",
        options: TWO,
        needs_console: false,
        play: free_again,
    },
    Scene {
        title: "Ctrl-C while clients are connected",
        options: TWO,
        needs_console: true,
        play: ctrl_c,
    },
];

/// Comes and is answered.
fn enter(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    speak(stage, who)
}

fn speak(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, format!("hello from {who}"))?;
    stage.expect(who, "-", REPLY)
}

fn more_than_places(stage: &mut Stage<'_>) -> Outcome {
    enter(stage, 'A')?;
    enter(stage, 'B')?;
    refused(stage, 'C')?;
    refused(stage, 'D')?;
    speak(stage, 'A')?;
    stage.send('B', "nobody says --quit-- yet")?;
    stage.expect('B', "-", REPLY)?;
    stage.must_be_alive()
}

/// Comes and must be told that the house is full. If it is not, why not?
fn refused(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    stage.note(who, What::Waiting(REFUSAL));
    let reply = stage.hear(who, FULL.as_bytes(), stage.reply_patience())?;
    if reply != Reply::Silent || !stage.arrived(who).is_empty() {
        stage.judge(reply, who, FULL.as_bytes(), REFUSAL)?;
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
        // Slow, but right.
        stage.judge(Reply::Right, who, FULL.as_bytes(), REFUSAL)?;
        return stage.expect_end(who);
    }
    if stage.hear(who, b"-", Duration::ZERO)? == Reply::Right {
        stage.judge(Reply::Right, who, b"-", REPLY)?;
        let note = format!("{who} was served as one too many.");
        return Err(Finding { note, ..finding }.into());
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

/// Whoever was refused must be let go. If it is not, is it served?
fn let_go(stage: &mut Stage<'_>, who: char) -> Outcome {
    let kept = match stage.expect_end(who) {
        Err(Halt::Found(finding)) if finding.code == Code::NotClosed => finding,
        other => return other,
    };
    stage.send(who, format!("hello from {who}"))?;
    stage.note(who, What::Waiting(REPLY));
    if stage.hear(who, b"-", stage.patience())? != Reply::Right {
        return Err(Halt::Found(kept));
    }
    stage.judge(Reply::Right, who, b"-", REPLY)?;
    let note = format!("{who} was told that the server is full, and served all the same.");
    Err(stage.finding(who, Code::NotRefused, note).into())
}

fn free_again(stage: &mut Stage<'_>) -> Outcome {
    enter(stage, 'A')?;
    let ways: [Way; 5] = [
        ("said --quit--", quit),
        ("closed without --quit--", |stage, who| {
            stage.close(who);
            Ok(())
        }),
        ("was broken off", |stage, who| {
            stage.send(who, "nobody reads the reply")?;
            stage.break_off(who, REPLY)
        }),
        ("sent bytes that are no text, which a handler may not survive", |stage, who| {
            // A handler without such a bug just answers.
            stage.send(who, b"PANIC \xff\xfe")?;
            let patience = stage.patience();
            stage.listen(who, patience, |arrived| !arrived.is_empty())?;
            stage.close(who);
            Ok(())
        }),
        ("said --quit--, after another client had been refused", |stage, who| {
            refused(stage, 'Y')?;
            quit(stage, who)
        }),
    ];
    enter(stage, 'B')?;
    for (who, (way, leave)) in ('B'..).zip(ways) {
        leave(stage, who)?;
        let next = char::from_u32(u32::from(who) + 1).unwrap_or('Z');
        comes_in(stage, next, &format!("{who} {way}"))?;
    }
    refused(stage, 'Z')?;
    speak(stage, 'A')?;
    stage.close('A');
    stage.must_be_idle()
}

fn quit(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.send(who, "--quit--")?;
    stage.expect_end(who)
}

/// Tries again and again, because a server cannot know at once who has left.
fn comes_in(stage: &mut Stage<'_>, who: char, gone: &str) -> Outcome {
    let deadline = Instant::now() + stage.patience();
    let mut pause = POLL_INTERVAL;
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
                let note = format!("{gone}. After that {who} was not served.");
                let finding = stage.finding(who, Code::LeakedPlace, note);
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
        if Instant::now() >= deadline {
            stage.died(who)?;
            if let Some(busy) = stage.busy() {
                let step = stage.finding(who, busy.code, "").step;
                return Err(Finding { step, ..busy }.into());
            }
            let note = format!("{gone}. For seconds after that {who} was turned away.");
            return Err(stage.finding(who, Code::LeakedPlace, note).into());
        }
        let got = stage.client(who)?.take_arrived(usize::MAX);
        stage.note(who, What::Received(got));
        stage.close(who);
        interrupt::sleep(pause);
        pause *= 2;
    }
}

fn ctrl_c(stage: &mut Stage<'_>) -> Outcome {
    enter(stage, 'A')?;
    enter(stage, 'B')?;
    stage.interrupt(EXIT_TIMEOUT)
}
