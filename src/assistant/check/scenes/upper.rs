//! Exercise 01: a server that answers every message of a client, then serves the next client.

use std::time::Duration;

use super::{Scene, explained};
use crate::check::finding::{Finding, Halt, Outcome};
use crate::check::stage::Stage;
use crate::check::verdicts::Code;
use crate::client::record::What;
use crate::client::scripted::Heard;

const REPLY: &str = "its reply";

/// How long a client is idle that must not lose its connection.
const IDLE_TIME: Duration = Duration::from_millis(700);

/// How long the experiments wait that find out what a silent server waits for.
const EXPERIMENT_TIMEOUT: Duration = Duration::from_millis(500);

/// More messages than a loop with a fixed number of turns is likely to have.
const MANY: usize = 24;

/// The size of the starter's buffer, in bytes.
const BUFFER: usize = 1024;

pub const ADVICE: &[(Code, &str)] = &[
    (
        Code::ClosedEarly,
        "Where `converse` returns: a `return`, a `break`, a `?`, or just its last line. There the socket \
         is dropped, and dropping closes it. After a reply the loop must go on, until `read` returns 0.",
    ),
    (
        Code::NeverAnswered,
        "Is every client that is accepted served, or only every second one? Then the `read`: does it \
         wait for more than was sent? Is there a `write_all` behind it?",
    ),
    (
        Code::NotClosed,
        "The loop around `read`: when `read` returns 0, the client has closed. Leave the loop then.",
    ),
    (
        Code::Spins,
        "The loop around `read`: what happens when `read` returns 0? Then the client has closed, and \
         every further `read` returns 0 at once. Leave the loop.",
    ),
    (
        Code::Died,
        "Its last lines, above. After exit status 0 `main` came to its end: is `accept` still in a \
         loop, and does nothing in that loop return? Otherwise look for an `unwrap` on something that \
         a client can cause (the end of its input, a reset, bytes that are not UTF-8), and for a `?` \
         that leads out of `main`.",
    ),
];

pub const SCENES: [Scene; 2] = [
    Scene::new("one client with several messages, then the next client", several_messages),
    Scene::new("clients that leave early, and strange bytes", leaving),
];

fn several_messages(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    for message in ["a long message comes first", "then a short one", "ok"] {
        answered(stage, 'A', message)?;
    }
    // Languages differ in the letters that they change, so these need no change.
    explained(
        answered(stage, 'A', "GRÜSSE to 北京"),
        &[Code::WrongReply],
        "A sent letters beyond ASCII that have no lower case, or are in upper case already. They must come \
         back as they were sent.",
        "The line that makes the text: does it take the bytes for UTF-8, as the clients send it?",
    )?;
    explained(
        answered(stage, 'A', "  with spaces around it, and a newline \n"),
        &[Code::WrongReply],
        "Spaces and newlines belong to a message: they come back as they were sent.",
        "The line that makes the text: does it cut something off (`trim`, `lines`)?",
    )?;
    for blank in ["\n", "\r\n", " "] {
        explained(
            answered(stage, 'A', blank),
            &[Code::WrongReply, Code::ClosedEarly, Code::NeverAnswered],
            "A sent a message without a letter: a newline or a space. It is a message like any other, and \
             comes back as it was sent.",
            "Where the conversation ends: only when `read` returns 0, not at an empty text or an empty line.",
        )?;
    }
    // Of odd length in bytes, so that a small buffer ends in the middle of a letter.
    explained(
        answered(stage, 'A', &format!("x{}", "Ü".repeat(400))),
        &[Code::WrongReply, Code::ClosedEarly],
        "A sent a message of 801 bytes, with letters of two bytes each, and did not get it back whole. A \
         server that reads it in pieces can cut a letter in two.",
        "The size of the buffer: the starter's 1024 bytes are enough for this message.",
    )?;
    for number in 1..=MANY {
        explained(
            answered(stage, 'A', &format!("short message {number}")),
            &[Code::ClosedEarly],
            &format!(
                "The server closed A's connection before the reply to its short message {number}."
            ),
            "The loop around `read`: it has no fixed number of turns. It goes on until `read` returns 0.",
        )?;
    }
    for length in [BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER, 4 * BUFFER] {
        let message: String = ('a'..='z').cycle().take(length).collect();
        explained(
            answered(stage, 'A', &message),
            &[Code::NeverAnswered, Code::IncompleteReply, Code::WrongReply, Code::ClosedEarly],
            &format!(
                "A sent a message of {length} bytes, and did not get all of it back. The reply may come in \
                 parts."
            ),
            "The `read`: answer what it returns at once, and read again. A buffer that is full does not mean \
             that more will come, and one that is not full does not mean that the message has ended.",
        )?;
    }
    explained(
        stage.think('A', IDLE_TIME),
        &[Code::ClosedEarly],
        "A sent nothing for a while, and the server closed its connection. A client may take its time: \
         only the client ends this conversation.",
        "The `read`: has its socket a time-out (`set_read_timeout`), or is it non-blocking? It must wait \
         until something arrives.",
    )?;
    answered(stage, 'A', "still here")?;
    stage.close('A');
    served(stage, 'B')?;
    stage.must_be_alive()
}

/// A client sends a message and gets its reply. If none comes, what does the server wait for?
fn answered(stage: &mut Stage<'_>, who: char, message: &str) -> Outcome {
    stage.send(who, message)?;
    let wanted = message.to_uppercase();
    let Err(halt) = stage.expect(who, &wanted, REPLY) else { return Ok(()) };
    let finding = stage.diagnose(halt)?;
    if matches!(finding.code, Code::NeverAnswered | Code::IncompleteReply) {
        let is_in_doubt = stage.certainty().ran_out();
        let experiment =
            |stage: &mut Stage<'_>| waits_for(stage, who, &wanted, *finding, is_in_doubt);
        return Err(stage.aside(experiment)?.into());
    }
    Err(Halt::Found(finding))
}

/// What a client does for a server that may be waiting for it.
type Gift = fn(&mut Stage<'_>, char) -> Outcome;

/// Gives a server that is silent what it may wait for, one thing after the other.
fn waits_for(
    stage: &mut Stage<'_>,
    who: char,
    wanted: &str,
    mut finding: Finding,
    is_in_doubt: bool,
) -> Outcome<Finding> {
    let more: [(Gift, String, &str); 3] = [
        (
            |stage, who| stage.send(who, "\n"),
            format!(
                "The reply came when {who} had sent a newline as well: the server waits for the end of \
                 a line. Clients of this system send none."
            ),
            "The call that reads: `read_line`, `lines` and `read_until` wait for a newline. `read` \
             returns what has arrived.",
        ),
        (
            |stage, who| stage.send(who, "x".repeat(4096)),
            format!(
                "The reply came when {who} had sent 4096 bytes more: the server waits until its buffer \
                 is full."
            ),
            "The call that reads: `read_exact` waits until the buffer is full. `read` returns what has \
             arrived.",
        ),
        (
            |stage, who| stage.finish_sending(who),
            format!(
                "The reply came when {who} had ended its input: the server reads everything before it \
                 answers anything."
            ),
            "The call that reads: `read_to_end` and `read_to_string` wait for the end of input. `read` \
             returns what has arrived. Answer it at once, then read again.",
        ),
    ];
    for (give, note, look) in more {
        if give(stage, who).is_err() {
            return Ok(finding);
        }
        if stage.gets(who, wanted, EXPERIMENT_TIMEOUT)? {
            finding.note = note;
            finding.look = Some(look);
            finding.is_sure = is_in_doubt && waits_again(stage, who, wanted, give)?;
            return Ok(finding);
        }
    }
    let next = 'Z';
    if stage.connect(next).is_err() || stage.send(next, "hello from Z").is_err() {
        return Ok(finding);
    }
    if stage.gets(next, "HELLO FROM Z", EXPERIMENT_TIMEOUT)? {
        finding.note = format!(
            "{who} is still waiting, and {next}, who came later, has its reply: the server accepted {who} \
             and does not serve it."
        );
        finding.look = Some(
            "Every `accept`: each call takes one client out of the queue. Is there a second call, whose \
             client is not served?",
        );
    }
    Ok(finding)
}

/// Whether the server answers two more such messages only when it is given the same: then it is not just slow.
fn waits_again(stage: &mut Stage<'_>, who: char, message: &str, give: Gift) -> Outcome<bool> {
    for _ in 0..2 {
        stage.take(who)?;
        if stage.send(who, message).is_err()
            || stage.gets(who, message, EXPERIMENT_TIMEOUT)?
            || give(stage, who).is_err()
            || !stage.gets(who, message, EXPERIMENT_TIMEOUT)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

const NOT_TEXT: &str = "What becomes of a message that is not text: `from_utf8` returns an error. Change the \
                        bytes themselves, or let `from_utf8_lossy` replace what is not a letter.";

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    stage.connect('A')?;
    stage.close('A');
    served(stage, 'B')?;
    stage.connect('C')?;
    stage.send('C', "C reads no reply")?;
    stage.break_off('C', REPLY)?;
    served(stage, 'D')?;
    stage.connect('E')?;
    stage.send('E', b"\xff\xfe caf\xe9")?;
    // A slow server has time for it, before the next client waits.
    stage.note('E', What::Waiting(REPLY));
    let heard = stage.listen('E', stage.patience(), |arrived| !arrived.is_empty())?;
    if heard == Heard::Silence {
        stage.is_dead('E')?;
        stage.nothing_came('E');
        let note = "E sent bytes that are not UTF-8, and got no reply. Every message gets one.";
        return Err(stage.finding('E', Code::NeverAnswered, note).look(NOT_TEXT).into());
    }
    stage.close('E');
    served(stage, 'F')?;
    stage.must_be_idle()
}

/// One more client is served, while no other is there.
fn served(stage: &mut Stage<'_>, who: char) -> Outcome {
    stage.connect(who)?;
    answered(stage, who, &format!("hello from {who}"))?;
    stage.close(who);
    Ok(())
}
