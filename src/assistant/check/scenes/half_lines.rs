//! Exercise 11: one thread for all clients, and half a line of one of them.

use std::str;
use std::time::{Duration, Instant};

use super::flood::Flood;
use super::framing::{Case, EMPTY, ENDLESS, Exam, NOT_UTF8, SEVERAL, SHORT, WINDOWS};
use super::framing::{line, longest, sends};
use super::{Scene, advised, explained, found_to_be};
use crate::check::finding::Outcome;
use crate::check::stage::Stage;
use crate::check::stage::moves::{Reply, TOO_MUCH};
use crate::check::verdicts::Code;
use crate::client::record::{CONSOLE, What};
use crate::client::scripted::Heard;
use crate::process::interrupt::{self, POLL_INTERVAL};
use crate::threads::connections;

const REPLY: &str = "its reply";

/// The longest line that is allowed, in bytes, with its newline.
const MAX_LINE: usize = 1024;

const LONGEST: &[&[u8]] = &[&line::<MAX_LINE>()];
const TOO_LONG: &[&[u8]] = &[&line::<{ MAX_LINE + 1 }>()];

/// How many lines a client that does not read sends at a time, and how many replies it reads at a time later.
const CHUNK_LINES: usize = 512;
const READ_LINES: usize = 64;

/// How much of that may still be unread when it sends more, in bytes.
const MOST_UNREAD: u32 = 128 * 1024;

/// How long it may take until the server reads no more of a client that does not read.
const FILL_TIMEOUT: Duration = Duration::from_secs(20);

/// How often it is looked how much of that the server has read.
const READ_POLL_INTERVAL: Duration = Duration::from_millis(5);

/// For how long a server is looked at that may have stopped reading.
const FULL_TIME: Duration = Duration::from_secs(1);

/// How much a client has sent without a pause when another one asks, and how long that may take.
const FLOODED: usize = 1024 * 1024;
const FLOOD_TIMEOUT: Duration = Duration::from_millis(200);

/// How often the other one asks.
const ASKED: usize = 10;

/// How long the other one waits at least, until it is called starved, and how much the server reads meanwhile.
const STARVED_TIME: Duration = Duration::from_millis(400);
const STARVED_BY: usize = 4 * 1024 * 1024;

/// Clients that reset their connections while the server answers their lines.
const RESETTING: std::ops::RangeInclusive<char> = 'M'..='T';

/// How many lines each of them sends.
const MANY_LINES: usize = 1000;

/// As many clients as there are letters.
const CROWD: std::ops::RangeInclusive<char> = 'A'..='Z';

const EXAM: Exam = Exam { due, hearer: None, look: KEEP_HALF_LINES };

const KEEP_HALF_LINES: &str = "What becomes of the bytes behind the last newline: they begin the next line \
                               of this client. Keep them in its `Client` until the rest has come.";

const ONE_READ: &str = "The call that reads in `converse`: `read_until`, `read_line` and `lines` wait for a \
                        newline. With one thread, only `poll` may wait. Make the socket non-blocking, \
                        `read` once, and keep what has arrived in the `Client` until its newline has come.";

const ALL_LINES: &str = "What is done after a `read`: answer every complete line (a loop, not an `if`), and \
                         put each reply behind the one before it. A `BufReader` keeps lines for itself: \
                         `poll` looks at the socket, and does not know of them.";

const WRITE_WHAT_FITS: &str = "The call that writes: `write_all`, and `write` on a blocking socket, wait \
                               until the client reads. Call `set_nonblocking(true)` after \
                               `accept`, write what there is room for, and keep the rest for later. A loop \
                               that tries again also waits: keep the rest, and return to `poll`.";

const KEEP_THE_REST: &str = "The result of `write`: it says how many bytes were taken. Keep the others in the \
                             `Client`, in their order, wait for `PollFlags::OUT`, and go on there. \
                             `WouldBlock` means: not now.";

const CLOSES_THE_SLOW: &str = "The result of `write`: `WouldBlock` means: not now. Keep what it did not take in the `Client`, \
                               and wait for `PollFlags::OUT`. Or a limit that counts several short lines as one: \
                               1024 bytes are allowed for each line.";

const ONE_READ_EACH: &str = "The loop around `read`: one that goes on until `WouldBlock` does not end while the client \
                             sends faster than the server reads. Call `read` once for each time that `poll` \
                             reports the client.";

const STOP_READING: &str = "What `poll` is asked for while a client's reply is unsent: room to write \
                            (`PollFlags::OUT`), not the next line. Read again when all is sent.";

const WHAT_SPINS: &str = "What `poll` is asked for: only what the server can do something about. That is room to write \
                          only while something is unsent, no client that has left, and no timeout. And a loop \
                          that calls `read` or `write` again after `WouldBlock`, or sleeps: return to `poll` \
                          instead. Half a line that `peek` leaves in the socket is reported again, too.";

pub const ADVICE: &[(Code, &str)] = &[
    (
        Code::Serial,
        "The one thread: which call in `converse` or `accept` can wait for a client? Only `poll` may wait. \
         Make every client's socket non-blocking, and keep in its `Client` what is not complete.",
    ),
    (Code::Spins, WHAT_SPINS),
    (Code::IncompleteReply, ALL_LINES),
    (
        Code::WrongReply,
        "The line that makes the reply: everything before the newline, back to front, then the newline. Is there \
         a `trim`? Then letters of the line are lost. And the newline is cut off before the line is reversed.",
    ),
    (
        Code::Died,
        "Its last lines, above, and the last step before the end. Is there an `unwrap` on something that a client \
         can cause: a reset, bytes that are not UTF-8? Or an index: after a `remove`, the clients behind it have \
         another one.",
    ),
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

pub const SCENES: [Scene; 9] = [
    Scene::new("half a line of one client, and another one sends", beside_half_a_line),
    Scene::new("a line in several segments", in_pieces),
    Scene::new("several lines in one segment", several_at_once),
    Scene::new("half lines of two clients", two_halves),
    Scene::new("a client that reads no reply", beside_one_that_does_not_read),
    Scene::new("a client that sends without a pause", beside_a_flood),
    Scene::new("clients that leave, in mid-line too", leaving),
    Scene::new("the longest line, and one without an end", long_lines),
    Scene::new("26 clients", crowd),
];

/// What is due for these lines, which all have their newline.
fn reversed(lines: &str) -> String {
    // Not `lines`, which takes a `\r` for a part of the newline.
    lines.split_terminator('\n').map(|line| line.chars().rev().collect::<String>() + "\n").collect()
}

/// Waits for what is due for these lines of a client's: some line, if they are not UTF-8.
fn due(stage: &mut Stage<'_>, who: char, lines: &[u8]) -> Outcome {
    if let Ok(lines) = str::from_utf8(lines) {
        return stage.expect(who, reversed(lines), REPLY);
    }
    stage.note(who, What::Waiting(REPLY));
    match stage.listen(who, stage.patience(), |arrived| arrived.ends_with(b"\n"))? {
        Heard::Enough => {
            let got = stage.client(who)?.take_arrived(usize::MAX);
            stage.note(who, What::Received(got));
            Ok(())
        }
        Heard::End(_) => Err(stage.ended(who, REPLY, b"")),
        Heard::Silence => Err(stage.silent(who, b"", REPLY)),
    }
}

fn answered(stage: &mut Stage<'_>, who: char, line: &str) -> Outcome {
    EXAM.play(stage, who, &[sends(&[line.as_bytes()])])
}

fn beside_half_a_line(stage: &mut Stage<'_>) -> Outcome {
    answered(stage, 'A', "hello from A\n")?;
    answered(stage, 'B', "hello from B\n")?;
    // Where a server waits for the rest, B is the one who notices.
    stage.send('A', "half a ")?;
    stage.wait_until_read('A')?;
    let step = answered(stage, 'B', "B has a whole line\n");
    let note = "B waited until A had left. A had sent half a line, and the server waited for the rest of it.";
    found_to_be(step, &[Code::Serial, Code::LockHeld], Code::Serial, note, ONE_READ)?;
    answered(stage, 'C', "hello from C\n")?;
    stage.must_sleep()?;
    let note = "A sent \"half a \" and then \"line\\n\". The server forgot the first part.";
    stage.send('A', "line\n")?;
    let step = stage.expect('A', reversed("half a line\n"), REPLY);
    explained(step, &[Code::WrongReply], note, KEEP_HALF_LINES)?;
    answered(stage, 'B', "still here\n")?;
    stage.must_be_idle()
}

fn in_pieces(stage: &mut Stage<'_>) -> Outcome {
    const CASES: &[Case<'_>] = &[
        sends(&[b"l", b"etter by ", b"let", b"ter\n"]),
        sends(&["grüße\n".as_bytes()])
            .note("sent the line \"grüße\". Its letters ü and ß have two bytes each, which must stay in their order.")
            .look("How the line is reversed: its letters (`chars().rev()` of the text), not its bytes."),
        // The two bytes of a letter come apart.
        sends(&[b"gr\xc3", b"\xbc\xc3\x9fe\n"])
            .note("sent the line \"grüße\" in two segments, cut in the middle of the letter ü, which has two bytes.")
            .look("Where bytes become text (`from_utf8_lossy`): only when the line is complete. Until then keep bytes."),
        EMPTY,
        sends(&[b"  spaces around it  \n"]),
        WINDOWS
            .note("sent a line that ends with \\r\\n. The line is everything before the \\n: the \\r is its last \
                   letter, and so the first of the reply.")
            .look("What is cut off the line: the newline, one byte (`strip_suffix`). `trim_end` and `lines` take more."),
        NOT_UTF8,
    ];
    EXAM.play(stage, 'A', CASES)?;
    stage.must_be_alive()
}

fn several_at_once(stage: &mut Stage<'_>) -> Outcome {
    let empty = sends(&[b"and two empty ones\n\n\n"])
        .note("sent a line and two empty lines in one segment. An empty line gets an empty line.")
        .look("How the bytes are cut into lines: at each newline. A `trim`, `lines` or a test for an empty line can \
               lose the last ones.");
    EXAM.play(stage, 'A', &[SEVERAL.look(ALL_LINES), empty, sends(&[b"four\nfive\nsi", b"x\n"])])
}

fn two_halves(stage: &mut Stage<'_>) -> Outcome {
    let note = "A and B sent half a line each, then the other half. Each must get its own line.";
    let look = "Where half a line is kept: each client needs a place of its own, in its `Client`. One buffer for all \
                clients mixes their lines.";
    EXAM.play(stage, 'A', &[sends(&[b"A says "])])?;
    EXAM.play(stage, 'B', &[sends(&[b"B sends "])])?;
    for (who, rest, line) in [('A', "hello\n", "A says hello\n"), ('B', "all\n", "B sends all\n")] {
        stage.send(who, rest)?;
        let step = stage.expect(who, reversed(line), REPLY);
        explained(step, &[Code::WrongReply, Code::MixedUp], note, look)?;
    }
    Ok(())
}

/// A client that does not read costs the server a bounded number of bytes, and the others no time.
fn beside_one_that_does_not_read(stage: &mut Stage<'_>) -> Outcome {
    answered(stage, 'A', "hello from A\n")?;
    answered(stage, 'B', "hello from B\n")?;
    let sent = fill(stage, 'B')?;
    let step = answered(stage, 'A', "A is still there\n");
    let note = "A waited until B had left. B had sent many lines and read no reply, and the server waited in \
                `write` until B reads.";
    found_to_be(step, &[Code::Serial, Code::LockHeld], Code::Serial, note, WRITE_WHAT_FITS)?;
    stage.must_be_idle()?;
    drain(stage, 'B', sent)?;
    if sent > TOO_MUCH {
        let note = format!(
            "B sent {} MiB and read no reply. The server took all of it, and kept the replies in its memory: \
             one client can fill it.",
            sent >> 20
        );
        return Err(stage.finding('B', Code::Unbounded, note).look(STOP_READING).into());
    }
    answered(stage, 'B', "B reads again\n")?;
    answered(stage, 'A', "A is still there\n")
}

const LETTER: &str = "\u{1d11e}";

/// The line that a client sends who reads nothing: its number makes each reply different. Its letters have
/// four bytes each, so that the server has fewer of them to reverse until the buffers are full.
fn numbered(number: usize) -> String {
    format!("{number:07} {}\n", LETTER.repeat(MAX_LINE / 8))
}

/// What is due for it: the same as from [`reversed`], made with less work, because there are thousands.
fn numbered_reply(number: usize) -> String {
    let head: String = format!("{number:07} ").chars().rev().collect();
    format!("{}{head}\n", LETTER.repeat(MAX_LINE / 8))
}

/// So many of these lines, from this number on.
fn lines_from(first: usize, count: usize, line: fn(usize) -> String) -> Vec<u8> {
    (first..first + count).map(line).collect::<String>().into_bytes()
}

/// `who` sends lines and reads nothing, until the server reads nothing more; returns the number of
/// bytes that were sent.
fn fill(stage: &mut Stage<'_>, who: char) -> Outcome<usize> {
    let text = |first| lines_from(first, CHUNK_LINES, numbered);
    let texts = (0..).step_by(CHUNK_LINES).map(text);
    let sent = stage.send_unread(who, FILL_TIMEOUT, texts, |stage, is_stuck, sent| {
        // No more at a time than the server reads: what it does not read stays little.
        if reads_no_more(stage, who)? {
            return Ok(true);
        }
        let before = unread(stage, who)?;
        let is_full =
            is_stuck && (stage.wait_for_nothing(FULL_TIME) || unread(stage, who)? == before);
        Ok(is_full || sent > TOO_MUCH)
    });
    let note = format!(
        "{who} sent lines and read no reply. The server closed its connection. A client may take its time."
    );
    explained(sent, &[Code::ClosedEarly], &note, CLOSES_THE_SLOW)
}

/// Waits until the server has read most of what `who` has sent, where the system tells; returns whether
/// it stops reading before that.
fn reads_no_more(stage: &mut Stage<'_>, who: char) -> Outcome<bool> {
    let (mut wait, mut before) = (stage.begin_wait(FULL_TIME), unread(stage, who)?);
    while before > Some(MOST_UNREAD) {
        interrupt::sleep(READ_POLL_INTERVAL);
        let now = unread(stage, who)?;
        if now != before {
            (wait, before) = (stage.begin_wait(FULL_TIME), now);
        } else if stage.is_over(&mut wait)
            || interrupt::requested()
            || (stage.stands_still() && unread(stage, who)? == before)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many bytes of `who` the server has not read, whether or not they have arrived, where the system tells.
fn unread(stage: &mut Stage<'_>, who: char) -> Outcome<Option<u32>> {
    let client = stage.client(who)?.address();
    Ok(client.and_then(|client| connections::unread_or_arriving(stage.address(), client)))
}

/// `who` reads all that is due to it for the lines of [`fill`], and ends the last of them.
fn drain(stage: &mut Stage<'_>, who: char, sent: usize) -> Outcome {
    let length = numbered(0).len();
    let (lines, rest) = (sent / length, sent % length);
    let note =
        format!("{who} sent {lines} lines before it read the first reply. Then it read, and");
    let codes: &'static [Code] =
        &[Code::WrongReply, Code::IncompleteReply, Code::NeverAnswered, Code::ClosedEarly];
    stage.note(who, What::Waiting("its replies"));
    // All of it is megabytes: it is read in parts, and not written down.
    for first in (0..lines).step_by(READ_LINES) {
        let wanted = lines_from(first, READ_LINES.min(lines - first), numbered_reply);
        let has_all = |arrived: &[u8]| arrived.len() >= wanted.len();
        let heard = stage.listen(who, stage.patience(), has_all)?;
        let client = stage.client(who)?;
        if client.arrived().starts_with(&wanted) {
            client.take_arrived(wanted.len());
            continue;
        }
        let same = wanted.iter().zip(client.arrived()).take_while(|(a, b)| a == b).count();
        if same < client.arrived().len() {
            let number = first + same / length + 1;
            let note = format!("{note} from reply {number} on it did not get what was due.");
            return Err(stage.finding(who, Code::WrongReply, note).look(KEEP_THE_REST).into());
        }
        let note = format!(
            "{note} {} bytes of its replies did not come.",
            (lines - first) * length - same
        );
        let reply = if let Heard::End(_) = heard { Reply::Ended } else { Reply::Silent };
        let step = stage.judge(reply, who, &wanted, "its replies");
        return explained(step, codes, &note, KEEP_THE_REST);
    }
    if rest > 0 {
        let line = numbered(lines);
        stage.send(who, &line.as_bytes()[rest..])?;
        let step = stage.expect(who, reversed(&line), REPLY);
        explained(step, codes, &format!("{note} did not get the last reply."), KEEP_THE_REST)?;
    }
    Ok(())
}

/// B sends lines as fast as it can, and reads its replies. Meanwhile A must get its own.
fn beside_a_flood(stage: &mut Stage<'_>) -> Outcome {
    answered(stage, 'A', "hello from A\n")?;
    answered(stage, 'B', "hello from B\n")?;
    stage.note(CONSOLE, What::Server("sent lines by B without a pause".to_owned()));
    let (stream, lines) = (stage.stream('B')?, lines_from(0, CHUNK_LINES, numbered));
    let _ = stream.set_read_timeout(Some(POLL_INTERVAL));
    let step = Flood::rise(&stream, &lines, |flood| {
        let mut wait = stage.begin_wait(FLOOD_TIMEOUT);
        while flood.sent() < FLOODED && !stage.is_over(&mut wait) {
            interrupt::sleep(READ_POLL_INTERVAL);
        }
        (0..ASKED).try_for_each(|_| ask_beside(stage, flood))
    });
    // B's connection has no other owner now.
    drop(stream);
    let note = "A waited until B had left. B sent one line after the other without a pause, and read its replies.";
    found_to_be(step, &[Code::Serial, Code::LockHeld], Code::Serial, note, ONE_READ_EACH)?;
    stage.close('B');
    answered(stage, 'A', "A is still there\n")?;
    stage.must_be_alive()
}

/// A asks while B floods the server.
fn ask_beside(stage: &mut Stage<'_>, flood: &Flood) -> Outcome {
    let line = "A asks meanwhile\n";
    let (start, before) = (Instant::now(), read_of(stage, flood)?);
    stage.send('A', line)?;
    stage.note('A', What::Waiting(REPLY));
    let mut wait = stage.begin_wait(stage.reply_patience());
    loop {
        let reply = stage.hear('A', reversed(line).as_bytes(), POLL_INTERVAL)?;
        let read = read_of(stage, flood)?;
        let is_over = stage.has_run_out(&mut wait);
        let is_starved = start.elapsed() > STARVED_TIME && read.saturating_sub(before) > STARVED_BY;
        let keeps_all = read.saturating_sub(flood.received()) > STARVED_BY;
        if is_starved || (is_over && keeps_all && reply == Reply::Silent) {
            stage.nothing_came('A');
            let note = format!(
                "B sent lines without a pause. A sent one line meanwhile and got no reply to it. Until then the \
                 server had read {} MiB from B.",
                read >> 20
            );
            let code = if keeps_all { Code::Unbounded } else { Code::Serial };
            return Err(stage.finding('A', code, note).look(ONE_READ_EACH).on_speed().into());
        }
        if reply != Reply::Silent || is_over {
            return stage.judge(reply, 'A', reversed(line).as_bytes(), REPLY);
        }
    }
}

/// How many bytes of B's flood the server has read; where the system does not tell, all that it cannot have kept
/// for the server.
fn read_of(stage: &mut Stage<'_>, flood: &Flood) -> Outcome<usize> {
    let sent = flood.sent();
    let unread = unread(stage, 'B')?.map_or(2 * TOO_MUCH, |unread| unread as usize);
    Ok(sent.saturating_sub(unread))
}

fn leaving(stage: &mut Stage<'_>) -> Outcome {
    answered(stage, 'A', "hello\n")?;
    stage.send('A', "last words\n")?;
    stage.finish_sending('A')?;
    let note = "A sent a line and ended its input. It still reads, and its reply is due.";
    let look =
        "What is done when `read` returns 0: replies that are not sent yet must be sent first.";
    let codes: &'static [Code] = &[Code::ClosedEarly, Code::NeverAnswered, Code::IncompleteReply];
    explained(stage.expect('A', reversed("last words\n"), REPLY), codes, note, look)?;
    stage.expect_end_of_input('A')?;
    EXAM.end_in_mid_line(stage, 'B')?;
    let hello = sends(&[b"hello from C\n"])
        .note("came when B had left with half a line. C's first line must not be taken for the rest of it.")
        .look("Where half a line is kept when its client leaves: it must go with it. In the `Client` it does. In a \
               list beside that of the clients it stays, and the next client takes the place.");
    EXAM.play(stage, 'C', &[hello, sends(&[b"half a line"])])?;
    stage.close('C');
    // The server is told of a reset by `read` or by `write`, whichever it calls next: most likely by both.
    for who in RESETTING {
        stage.connect(who)?;
        stage.send(who, format!("{who} resets its connection\n").repeat(MANY_LINES))?;
        stage.break_off(who, REPLY)?;
    }
    let look = "What is done with an error of `write`: `WouldBlock` means: not now. Every other error is the end of \
                this client, and of no other.";
    advised(stage.must_be_idle(), &[Code::Spins, Code::Died], look)?;
    stage.connect('E')?;
    stage.close('E');
    answered(stage, 'F', "hello from F\n")?;
    stage.must_be_idle()
}

fn long_lines(stage: &mut Stage<'_>) -> Outcome {
    EXAM.play(stage, 'A', &[longest(LONGEST), SHORT])?;
    ENDLESS.ends_all(stage, 'B')?;
    let too_long = sends(TOO_LONG)
        .note("sent a line of {} bytes, its newline included. The connection must be closed, without a reply to it.")
        .look("Where the length of a line is limited: 1024 bytes with the newline are allowed, not one more. A \
               complete line can be too long, too.");
    too_long.ends_all(stage, 'C')?;
    answered(stage, 'A', "A is still there\n")?;
    stage.must_be_alive()
}

fn crowd(stage: &mut Stage<'_>) -> Outcome {
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
