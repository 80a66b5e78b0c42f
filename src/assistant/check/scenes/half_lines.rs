//! Exercise 11: one thread for all clients, and half a line of one of them.

use std::io::{Read, Write};
use std::time::Duration;

use super::{Scene, explained, found_to_be};
use crate::assistant::check::finding::Halt;
use crate::assistant::check::stage::Stage;
use crate::assistant::check::verdicts::Code;
use crate::assistant::client::record::{CONSOLE, What};
use crate::assistant::client::scripted::is_timeout;
use crate::assistant::process::interrupt;
use crate::assistant::threads::busy;

const REPLY: &str = "its reply";

/// How long a reply may take that must not come, once the server has read what was sent.
const EARLY_REPLY: Duration = Duration::from_millis(100);

/// The longest line that is allowed, in bytes, with its newline.
const MAX_LINE: usize = 1024;

/// Far more than that.
const ENDLESS: usize = 64 * 1024;

/// More than the system keeps of the replies: Linux, by default, 4 MiB that are to be sent and 6 MiB that
/// have arrived (tcp(7)).
const TOO_MUCH: usize = 16 * 1024 * 1024;

/// How much a client that does not read sends at a time, in bytes.
const CHUNK: usize = 256 * 1024;

/// How long it may take until the server reads no more of a client that does not read.
const FILL_TIMEOUT: Duration = Duration::from_secs(10);

/// For how long a server is looked at that may have stopped reading.
const FULL_TIME: Duration = Duration::from_secs(1);

/// As many clients as there are letters.
const CROWD: std::ops::RangeInclusive<char> = 'A'..='Z';

const KEEP_HALF_LINES: &str = "What becomes of the bytes behind the last newline: they begin the next line \
                               of this client. Keep them in its `Client` until the rest has come.";

const ONE_READ: &str = "The call that reads in `converse`: `read_until`, `read_line` and `lines` wait for a \
                        newline. With one thread nothing may wait but `poll`. Make the socket non-blocking, \
                        `read` once, and keep what has arrived in the `Client` until its newline has come.";

const ALL_LINES: &str = "What is done after a `read`: answer every complete line (a loop, not an `if`), and \
                         put each reply behind the one before it. A `BufReader` keeps lines for itself: \
                         `poll` looks at the socket, and does not know of them.";

const WRITE_WHAT_FITS: &str = "The call that writes: `write_all`, and `write` on a socket that is not \
                               non-blocking, wait until the client reads. Call `set_nonblocking(true)` after \
                               `accept`, write what there is room for, and keep the rest for later.";

const KEEP_THE_REST: &str = "The result of `write`: it says how many bytes were taken. Keep the others in the \
                             `Client`, in their order, wait for `PollFlags::OUT`, and go on there. \
                             `WouldBlock` means: not now.";

const STOP_READING: &str = "What a client waits for while it has a reply that is not yet sent: for room \
                            (`PollFlags::OUT`), not for its next message. Read again when all is sent.";

const WHAT_SPINS: &str = "What `poll` is asked for: only what the server can do something about. That is room to write \
                          only while something is unsent, no client that has left, and no timeout of zero. And \
                          a loop that calls `read` or `write` again after `WouldBlock`: return to `poll` instead.";

pub const ADVICE: &[(Code, &str)] = &[
    (
        Code::Serial,
        "The one thread: which call in `converse` or `accept` can wait for a client? Only `poll` may wait. \
         Make every client's socket non-blocking, and keep in its `Client` what is not complete.",
    ),
    (Code::Spins, WHAT_SPINS),
    (Code::IncompleteReply, ALL_LINES),
    (
        Code::NeverAnswered,
        "Two things can keep a reply back. The server has read the line and does not look for its newline \
         among the bytes that it has kept. Or it waits in `poll` for the wrong thing: `PollFlags::IN` when \
         nothing is unsent, `PollFlags::OUT` otherwise.",
    ),
    (
        Code::ClosedEarly,
        "Where `serve` returns false: only after the end of input, after an error other than `WouldBlock`, and \
         after a line that is too long.",
    ),
];

pub const SCENES: [Scene; 8] = [
    scene("half a line of one client, and another one sends", beside_half_a_line),
    scene("a line in several segments", in_pieces),
    scene("several lines in one segment", several_at_once),
    scene("half lines of two clients", two_halves),
    scene("a client that reads no reply", beside_one_that_does_not_read),
    scene("clients that leave, in mid-line too", leaving),
    scene("the longest line, and one without an end", long_lines),
    scene("26 clients", crowd),
];

const fn scene(title: &'static str, play: fn(&mut Stage<'_>) -> Result<(), Halt>) -> Scene {
    Scene { title, options: &[], needs_console: false, play }
}

/// What is due for these lines, which all have their newline.
fn reversed(lines: &str) -> String {
    lines.lines().map(|line| line.chars().rev().collect::<String>() + "\n").collect()
}

fn answered(stage: &mut Stage<'_>, who: char, lines: &str) -> Result<(), Halt> {
    stage.send(who, lines)?;
    stage.expect(who, reversed(lines), REPLY)
}

/// A client sends the beginning of a line; nothing may come.
fn beginning(stage: &mut Stage<'_>, who: char, part: &str) -> Result<(), Halt> {
    let step = stage.send_part(who, part, EARLY_REPLY);
    let note =
        format!("{who} sent \"{part}\", without a newline, and got a reply before the rest came.");
    explained(step, &[Code::WrongReply], &note, KEEP_HALF_LINES)
}

fn beside_half_a_line(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    answered(stage, 'A', "hello from A\n")?;
    stage.connect('B')?;
    answered(stage, 'B', "hello from B\n")?;
    // Where a server waits for the rest, B is the one who notices.
    stage.send('A', "half a ")?;
    stage.wait_until_read('A')?;
    found_to_be(
        answered(stage, 'B', "B has a whole line\n"),
        &[Code::Serial, Code::LockHeld],
        Code::Serial,
        "B waited until A had left. A had sent half a line, and the server, which has one thread, waited \
         for the rest of it.",
        ONE_READ,
    )?;
    stage.connect('C')?;
    answered(stage, 'C', "hello from C\n")?;
    stage.must_be_idle()?;
    let note = "A sent \"half a \" and then \"line\\n\". The server forgot the first part.";
    stage.send('A', "line\n")?;
    let step = stage.expect('A', reversed("half a line\n"), REPLY);
    explained(step, &[Code::WrongReply], note, KEEP_HALF_LINES)?;
    answered(stage, 'B', "still here\n")?;
    stage.must_be_idle()
}

fn in_pieces(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    for part in ["l", "etter by ", "let"] {
        beginning(stage, 'A', part)?;
    }
    stage.send('A', "ter\n")?;
    let step = stage.expect('A', reversed("letter by letter\n"), REPLY);
    let note =
        "A sent one line in four segments, and got something other than that line back to front.";
    explained(step, &[Code::WrongReply], note, KEEP_HALF_LINES)?;
    // The two bytes of a letter come apart.
    stage.send_part('A', b"gr\xc3", EARLY_REPLY)?;
    stage.send('A', b"\xbc\xc3\x9fe\n")?;
    explained(
        stage.expect('A', reversed("grüße\n"), REPLY),
        &[Code::WrongReply],
        "A sent the line \"grüße\" in two segments, cut in the middle of the letter ü, which has two bytes.",
        "Where bytes become text (`from_utf8_lossy`): only when the line is complete. Until then keep bytes.",
    )?;
    answered(stage, 'A', "\n")?;
    answered(stage, 'A', "  spaces around it  \n")
}

fn several_at_once(stage: &mut Stage<'_>) -> Result<(), Halt> {
    let codes: &'static [Code] = &[Code::WrongReply, Code::IncompleteReply, Code::NeverAnswered];
    stage.connect('A')?;
    let note = "A sent three lines in one segment, and did not get three replies in their order.";
    explained(answered(stage, 'A', "one\ntwo\nthree\n"), codes, note, ALL_LINES)?;
    stage.send('A', "four\nfive\nsi")?;
    let note = "A sent two lines and half of a third in one segment.";
    let step = stage.expect('A', reversed("four\nfive\n"), "its two replies");
    explained(step, codes, note, ALL_LINES)?;
    explained(stage.think('A', EARLY_REPLY), &[Code::WrongReply], note, KEEP_HALF_LINES)?;
    stage.send('A', "x\n")?;
    explained(stage.expect('A', reversed("six\n"), REPLY), codes, note, KEEP_HALF_LINES)
}

fn two_halves(stage: &mut Stage<'_>) -> Result<(), Halt> {
    let note = "A and B sent half a line each, then the other half. Each must get its own line.";
    let look = "Where half a line is kept: each client needs a place of its own, in its `Client`. One buffer \
                for all clients mixes their lines.";
    let codes: &'static [Code] = &[Code::WrongReply, Code::MixedUp];
    let mine = |step| explained(step, codes, note, look);
    stage.connect('A')?;
    stage.connect('B')?;
    beginning(stage, 'A', "A says ")?;
    beginning(stage, 'B', "B sends ")?;
    stage.send('A', "hello\n")?;
    mine(stage.expect('A', reversed("A says hello\n"), REPLY))?;
    stage.send('B', "greetings\n")?;
    mine(stage.expect('B', reversed("B sends greetings\n"), REPLY))
}

/// A client that does not read costs the server a bounded number of bytes, and the others no time.
fn beside_one_that_does_not_read(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    answered(stage, 'A', "hello from A\n")?;
    stage.connect('B')?;
    answered(stage, 'B', "hello from B\n")?;
    let sent = fill(stage, 'B')?;
    found_to_be(
        answered(stage, 'A', "A is still there\n"),
        &[Code::Serial, Code::LockHeld],
        Code::Serial,
        "A waited until B had left. B had sent many lines and read no reply, and the server, which has one \
         thread, waited in `write` until B reads.",
        WRITE_WHAT_FITS,
    )?;
    stage.must_be_idle()?;
    drain(stage, 'B', sent)?;
    if sent > TOO_MUCH {
        let note = format!(
            "B sent {} MiB and read no reply. The server took all of it, and kept the replies in its memory: \
             one client can fill it.",
            sent >> 20
        );
        let mut finding = stage.finding('B', Code::Unbounded, note);
        finding.look = Some(STOP_READING);
        return Err(finding.into());
    }
    answered(stage, 'B', "B reads again\n")?;
    answered(stage, 'A', "A is still there\n")
}

/// The line that a client sends who reads nothing: its number makes each reply different.
fn numbered(number: usize) -> String {
    format!("{number:07} {}\n", "x".repeat(MAX_LINE / 2))
}

/// `who` sends lines and reads nothing, until the server reads nothing more; returns the number of
/// bytes that were sent.
fn fill(stage: &mut Stage<'_>, who: char) -> Result<usize, Halt> {
    let what = format!("sent many lines by {who}, which reads no reply");
    stage.note(CONSOLE, What::Server(what));
    let mut stream = stage.stream(who)?;
    let mut wait = stage.begin_wait(FILL_TIMEOUT);
    let mut lines = (0..).map(numbered).flat_map(String::into_bytes);
    let (mut sent, mut chunk) = (0, Vec::new());
    while !stage.is_over(&mut wait) && !interrupt::requested() {
        if chunk.is_empty() {
            chunk.extend(lines.by_ref().take(CHUNK));
        }
        match stream.write(&chunk) {
            Ok(length) => {
                chunk.drain(..length);
                sent += length;
            }
            Err(error) if is_timeout(&error) => {}
            Err(_) => {
                let step = Err(stage.ended(who, "sent its lines", b""));
                let note = format!(
                    "{who} sent lines and read no reply. The server closed its connection. A client may take \
                     its time."
                );
                return explained(step, &[Code::ClosedEarly], &note, KEEP_THE_REST).map(|()| sent);
            }
        }
        // No more at a time than the server reads: what it does not read stays little.
        stage.wait_until_read(who)?;
        let before = unread(stage, who)?;
        let is_full = before > Some(0) || !chunk.is_empty();
        if is_full && (stage.wait_for_nothing(FULL_TIME) || unread(stage, who)? == before) {
            break;
        }
        if sent > TOO_MUCH {
            break;
        }
    }
    Ok(sent)
}

/// How many bytes of `who` the server has not read, where the system tells.
fn unread(stage: &mut Stage<'_>, who: char) -> Result<Option<u64>, Halt> {
    let client = stage.client(who)?.address();
    Ok(client.and_then(|client| busy::unread(stage.address(), client)))
}

/// `who` reads all that is due to it for the lines of [`fill`], and ends the last of them.
fn drain(stage: &mut Stage<'_>, who: char, sent: usize) -> Result<(), Halt> {
    let length = numbered(0).len();
    let (lines, rest) = (sent / length, sent % length);
    stage.note(who, What::Waiting("its replies"));
    let mut stream = stage.stream(who)?;
    let mut wait = stage.begin_wait(stage.patience());
    let mut replies = (0..lines).map(|number| reversed(&numbered(number)));
    // What has arrived is compared at once: all of it is megabytes.
    let (mut wanted, mut buffer) = (Vec::new(), vec![0; CHUNK]);
    let mut left = lines * length;
    while left > 0 {
        match stream.read(&mut buffer) {
            Ok(got) if got > 0 => {
                while wanted.len() < got {
                    let Some(reply) = replies.next() else { break };
                    wanted.extend(reply.into_bytes());
                }
                if !wanted.starts_with(&buffer[..got]) {
                    let same = wanted.iter().zip(&buffer).take_while(|(a, b)| a == b).count();
                    let line = lines - left / length;
                    let note = format!(
                        "{who} sent {lines} lines before it read the first reply. Then it read, and from reply \
                         {} on it did not get what was due.",
                        line + same / length
                    );
                    let mut finding = stage.finding(who, Code::WrongReply, note);
                    finding.look = Some(KEEP_THE_REST);
                    return Err(finding.into());
                }
                wanted.drain(..got);
                left -= got;
                wait = stage.begin_wait(stage.patience());
            }
            Err(error) if is_timeout(&error) => {
                if stage.is_idle() || stage.is_over(&mut wait) || interrupt::requested() {
                    break;
                }
            }
            _ => break,
        }
    }
    let note = format!(
        "{who} sent {lines} lines before it read the first reply. Then it read, and {left} bytes of its replies \
         did not come."
    );
    let codes: &'static [Code] =
        &[Code::WrongReply, Code::IncompleteReply, Code::NeverAnswered, Code::ClosedEarly];
    if left > 0 {
        // What is wrong is found as with any other reply.
        wanted.extend(replies.next().unwrap_or_default().into_bytes());
        explained(stage.expect_part(who, &wanted, "its replies"), codes, &note, KEEP_THE_REST)?;
    }
    if rest > 0 {
        let line = numbered(lines);
        stage.send(who, &line[rest..])?;
        let step = stage.expect(who, reversed(&line), REPLY);
        explained(step, codes, &note, KEEP_THE_REST)?;
    }
    Ok(())
}

fn leaving(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    answered(stage, 'A', "hello\n")?;
    stage.send('A', "last words\n")?;
    stage.finish_sending('A')?;
    let note = "A sent a line and ended its input. It still reads, and its reply is due.";
    let look =
        "What is done when `read` returns 0: replies that are not sent yet must be sent first.";
    let codes: &'static [Code] = &[Code::ClosedEarly, Code::NeverAnswered, Code::IncompleteReply];
    explained(stage.expect('A', reversed("last words\n"), REPLY), codes, note, look)?;
    stage.expect_end_of_input('A')?;
    stage.connect('B')?;
    beginning(stage, 'B', "half a line")?;
    stage.finish_sending('B')?;
    explained(
        stage.expect_end_of_input('B'),
        &[Code::WrongReply],
        "B ended its input in mid-line. The line was never complete, so it gets no reply.",
        "What is done with the bytes that are left at the end of input: nothing.",
    )?;
    stage.connect('C')?;
    beginning(stage, 'C', "half a line")?;
    stage.close('C');
    stage.connect('D')?;
    stage.send('D', "D resets its connection\n")?;
    stage.break_off('D', REPLY)?;
    stage.connect('E')?;
    stage.close('E');
    stage.connect('F')?;
    answered(stage, 'F', "hello from F\n")?;
    stage.must_be_idle()
}

fn long_lines(stage: &mut Stage<'_>) -> Result<(), Halt> {
    stage.connect('A')?;
    let longest = format!("{}z\n", "y".repeat(MAX_LINE - 2));
    explained(
        answered(stage, 'A', &longest),
        &[Code::ClosedEarly, Code::WrongReply, Code::NeverAnswered, Code::IncompleteReply],
        "A sent a line of 1024 bytes, its newline included: the longest line that is allowed.",
        "Where the length of a line is limited: 1024 bytes with the newline are allowed. One `read` need not \
         return all of them.",
    )?;
    answered(stage, 'A', "and a short one\n")?;
    stage.connect('B')?;
    // The server may have closed before all of it is sent.
    let _ = stage.client('B')?.try_send(&[b'x'; ENDLESS]);
    explained(
        stage.expect_end('B'),
        &[Code::NotClosed, Code::WrongReply],
        "B sent 65536 bytes without a newline and was not disconnected. A server that goes on collecting gives \
         one client as much of its memory as that client likes.",
        "Where the bytes of half a line are collected: end the conversation once there are 1024 without a newline.",
    )?;
    answered(stage, 'A', "A is still there\n")?;
    stage.must_be_alive()
}

fn crowd(stage: &mut Stage<'_>) -> Result<(), Halt> {
    for who in CROWD {
        stage.connect(who)?;
        stage.send(who, format!("hello from {who}, and half"))?;
    }
    for who in CROWD.rev() {
        stage.send(who, " a line\n")?;
    }
    for who in CROWD {
        stage.expect(who, reversed(&format!("hello from {who}, and half a line\n")), REPLY)?;
    }
    for who in CROWD.step_by(2) {
        stage.close(who);
    }
    for who in CROWD.skip(1).step_by(2) {
        answered(stage, who, "still here\n")?;
    }
    stage.must_be_idle()
}
